const rhythms = [
  [60, 'hour'],
  [180, '3 hours'],
  [360, '6 hours'],
  [720, '12 hours'],
  [1_440, 'day'],
  [10_080, 'week'],
] as const

export const isRhythm = (minutes: number): boolean => rhythms.some(([one]) => one === minutes)

/** How often an account may be synced, as choices. */
export const RhythmOptions = () => (
  <>
    {rhythms.map(([minutes, name]) => (
      <option key={minutes} value={minutes}>
        {name}
      </option>
    ))}
  </>
)
