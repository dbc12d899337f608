import { Problem } from '../runbook/problem.ts'

/** The elements of an option's comma-separated value. Throws Problem where one is empty. */
export function listOf(flag: string, text: string): string[] {
  const elements = text.split(',').map((element) => element.trim())
  if (!elements.includes('')) return elements
  throw new Problem(
    `${flag} ${text} has an empty element`,
    `write the elements with one comma between two, such as ${flag} dev,stage`,
  )
}

/** Refuses what a command line names twice, in whatever words: one of the two would be dropped. Throws Problem. */
export function refuseNamedTwice(kind: string, given: string[], meant: string[]): void {
  const at = meant.findIndex((each, index) => meant.indexOf(each) < index)
  if (at < 0) return
  const first = given[meant.indexOf(meant[at] ?? '')]
  throw new Problem(
    first === given[at]
      ? `the ${kind} ${first} is named twice`
      : `the ${kind} ${first} is named twice, the second time as ${given[at]}`,
    'name it once',
  )
}
