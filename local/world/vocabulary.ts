/** Invented brands; the simulated ML finds them where a text names them. */
export const brands = [
  { name: 'Aurora Runners', handle: 'aurorarunners', country: 'US' },
  { name: 'Кофейня Зерно', handle: 'zerno.coffee', country: 'RU' },
  { name: 'Maison Clairet', handle: 'maisonclairet', country: 'FR' },
  { name: '白雲茶房', handle: 'hakuun-tea', country: 'JP' },
  { name: 'Nordlys Audio', handle: 'nordlysaudio', country: 'NO' },
  { name: 'Taller Añil', handle: 'talleranil', country: 'ES' },
  { name: 'Kestrel Bikes', handle: 'kestrelbikes', country: 'GB' },
  { name: 'Дом Света', handle: 'domsveta', country: 'RU' },
  { name: 'Papaya & Pine', handle: 'papayapine', country: 'TH' },
  { name: 'Zahav Jewelry', handle: 'zahavjewelry', country: 'IL' },
  { name: 'Monsun Outdoor', handle: 'monsunoutdoor', country: 'DE' },
  { name: 'शक्ति योग', handle: 'shaktiyoga', country: 'IN' },
  { name: 'Lumen Optics', handle: 'lumenoptics', country: 'US' },
  { name: 'Bottega Sole', handle: 'bottegasole', country: 'IT' },
  { name: 'Café Índigo', handle: 'cafeindigo', country: 'BR' },
  { name: 'Hanok Skincare', handle: 'hanokskincare', country: 'KR' },
  { name: 'Полюс Туризм', handle: 'polus-tour', country: 'RU' },
  { name: 'Fjord Knitwear', handle: 'fjordknit', country: 'NO' },
  { name: 'Sahra Perfumes', handle: 'sahraperfumes', country: 'AE' },
  { name: 'Tiny Rocket Toys', handle: 'tinyrockettoys', country: 'US' },
  { name: 'Ōkami Knives', handle: 'okamiknives', country: 'JP' },
  { name: 'Verde Cocina', handle: 'verdecocina', country: 'MX' },
  { name: 'Atelier Brume', handle: 'atelierbrume', country: 'FR' },
  { name: 'Stern & Söhne', handle: 'sternsoehne', country: 'DE' },
] as const

/** Invented agencies and shops for which the brands are followed. */
export const clients = ['Harbour & Lane', 'Студия Вектор', 'Meridian Retail'] as const

export const titles = [
  'How it is made',
  'New collection 🎉',
  'Распаковка: что внутри?',
  'Ответы на вопросы',
  'La nouvelle saison est là ✨',
  '秋の新作を紹介します',
  'नया सफ़र',
  'Behind the scenes 👀',
  'Tres recetas fáciles',
  'Fünf Dinge, die keiner weiß',
  'Live: ask us anything',
  'A day with the team',
  'خلف الكواليس',
  'ทดสอบสินค้าใหม่',
  '오늘의 루틴',
  'Lo mejor del año',
] as const

export const sentences = [
  'Filmed in one take, no cuts.',
  'Ссылка на каталог в профиле.',
  'Merci à toute l’équipe 💛',
  'Tell us what you think below 👇',
  'Снимали три дня под дождём ☔️',
  '字幕をオンにしてご覧ください。',
  'Hecho a mano, como siempre.',
  'Danke fürs Zuschauen!\r\nBis nächste Woche.',
  'Price and sizes: see example.com/shop#sizes',
  'Write to hello@example.com, we answer.',
] as const

export const hashtags = [
  '#unboxing',
  '#новинка',
  '#shorts',
  '#sneakerhead',
  '#кофе☕️',
  '#日本茶',
  '#2026',
  '#हिन्दी',
  '#été',
  '#howto',
  '#спорт-клуб',
  '#family👨‍👩‍👧',
] as const
