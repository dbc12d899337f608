import { UserError } from '../../base/problem.ts'

/** Splits an option's comma-separated value. Throws UserError if an element is empty. */
export function listOf(flag: string, text: string): string[] {
  const elements = text.split(',').map((element) => element.trim())
  if (!elements.includes('')) return elements
  throw new UserError(
    `${flag} ${text} has an empty element`,
    `separate the elements with single commas: ${flag} dev,stage`,
  )
}

/** Refuses a name that comes twice, since each has its own result. Throws UserError. */
export function refuseTwice(kind: string, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw new UserError(`the ${kind} ${twice} is named twice`, 'name it once')
}
