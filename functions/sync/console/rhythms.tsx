import { named } from './language.ts'

const rhythms = [60, 180, 360, 720, 1_440, 10_080] as const

export const isRhythm = (minutes: number): boolean => rhythms.some((one) => one === minutes)

/** How often an account may be synced, as choices. */
export const RhythmOptions = () => (
  <>
    {rhythms.map((minutes) => (
      <option key={minutes} value={minutes}>
        {named('rhythms', String(minutes))}
      </option>
    ))}
  </>
)
