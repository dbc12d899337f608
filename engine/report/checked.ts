/** One thing that a gate looked at in an environment, what it saw, and where the team's files say so. */
export type Checked = {
  environment: string
  /** The runbook and the step or the repository's file, without what the step is repeated for. */
  rule: string
  key: string
  title: string
  /** `known`: it drifted, and the inventory says why and until when. */
  status: 'conformant' | 'drift' | 'unknown' | 'known'
  /** What was seen against what must be, in a line. */
  says: string
  /** Why it is known, where it is. */
  because?: string
  file: string
  line: number
}

/** What is to be told beside what is as it must be. */
export const notConformant = (checked: Checked[]): Checked[] => checked.filter(({ status }) => status !== 'conformant')
