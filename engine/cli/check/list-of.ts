import { UserError } from '../../base/problem.ts'

/** The elements of an option's comma-separated value. Throws UserError where one is empty. */
export function listOf(flag: string, text: string): string[] {
  const elements = text.split(',').map((element) => element.trim())
  if (!elements.includes('')) return elements
  throw new UserError(
    `${flag} ${text} has an empty element`,
    `write the elements with one comma between two, such as ${flag} dev,stage`,
  )
}

/** Refuses a name that a list has twice: each element has a result of its own. Throws UserError. */
export function refuseTwice(kind: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw new UserError(`the ${kind} ${twice} is named twice`, 'name it once')
}
