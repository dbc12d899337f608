import { fits } from '../base/key-pattern.ts'

/** How a rehearsal must end, according to its scenario. Keys are the steps' as in the plan; `*` matches any text. */
export type Expected = {
  /** 0 by default. */
  exitCode?: number
  /** Exactly the steps that have drifted when the plan is made. */
  drifted?: string[]
  /** Exactly the steps that are changed and read back. */
  changed?: string[]
  /** Sentences that the record must contain. */
  record?: string[]
}

/** How a rehearsal ended. */
export type Ended = { exitCode: number; drifted: string[]; changed: string[]; record: string }

/** Describes every difference between how a rehearsal ended and how it must end, a sentence each. */
export function otherThanExpected(expected: Expected, ended: Ended): string[] {
  const { exitCode = 0, drifted, changed, record = [] } = expected
  const text = asLine(ended.record)
  return [
    ...(ended.exitCode === exitCode ? [] : [`it exited ${ended.exitCode}, expected ${exitCode}`]),
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
      .map((key) => `${key} ${what} unexpectedly`),
    ...expected
      .filter((pattern) => !seen.some((key) => fits(pattern, key)))
      .map((pattern) => `no step that matches ${pattern} ${what}`),
  ]
}

/** Normalizes text: the record breaks lines as it likes, and log entry numbers differ between runs. */
const asLine = (text: string): string =>
  text
    .replaceAll(/<!-- log [^>]*-->/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
