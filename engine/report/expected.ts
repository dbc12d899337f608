import { fits } from '../base/key-pattern.ts'

/** How a rehearsal must end: what a scenario says of it. Keys are steps' as the plan shows them; `*` stands for any text. */
export type Expected = {
  /** 0 where left out. */
  exitCode?: number
  /** Exactly the steps that drift when the plan is made. */
  drifted?: string[]
  /** Exactly the steps that are changed and read back. */
  changed?: string[]
  /** Sentences that the record must hold. */
  record?: string[]
}

/** How a rehearsal ended. */
export type Ended = { exitCode: number; drifted: string[]; changed: string[]; record: string }

/** All in which a rehearsal ended otherwise than it must, a sentence each. */
export function otherThanExpected(expected: Expected, ended: Ended): string[] {
  const { exitCode = 0, drifted, changed, record = [] } = expected
  const text = asLine(ended.record)
  return [
    ...(ended.exitCode === exitCode ? [] : [`it exited ${ended.exitCode}, and ${exitCode} is expected`]),
    ...(drifted ? otherSteps('drifted', drifted, ended.drifted) : []),
    ...(changed ? otherSteps('was changed', changed, ended.changed) : []),
    ...record
      .filter((sentence) => !text.includes(asLine(sentence)))
      .map((sentence) => `the record does not say: ${sentence}`),
  ]
}

function otherSteps(what: string, expected: string[], seen: string[]): string[] {
  return [
    ...seen
      .filter((key) => !expected.some((pattern) => fits(pattern, key)))
      .map((key) => `${key} ${what}, which is not expected`),
    ...expected
      .filter((pattern) => !seen.some((key) => fits(pattern, key)))
      .map((pattern) => `no step ${what} that fits ${pattern}`),
  ]
}

/** Lines are as long as the record makes them, and the numbers of log entries differ from run to run. */
const asLine = (text: string): string =>
  text
    .replaceAll(/<!-- log [^>]*-->/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
