/** A check of one step in an environment: what it observed, and where the team's files define it. */
export type Checked = {
  environment: string
  /** The runbook and the step or the repository's file, without the value that the step is repeated for. */
  rule: string
  key: string
  title: string
  /** `known`: it drifted, and the inventory says why and until when. */
  status: 'conformant' | 'drift' | 'unknown' | 'known'
  /** What was observed compared with what was expected, in one line. */
  says: string
  /** Why the drift is known, if it is. */
  because?: string
  file: string
  line: number
}

/** Returns what must be reported: everything that isn't conformant. */
export const notConformant = (checked: Checked[]): Checked[] => checked.filter(({ status }) => status !== 'conformant')
