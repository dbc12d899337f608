import type { Schema } from './schema-form.ts'

/** Which keys go together and which exclude each other, as sentences. */
export const conditionsOf = ({ oneOf, anyOf, dependentRequired }: Schema): string[] => [
  ...among('Exactly one of', oneOf),
  ...among('At least one of', anyOf),
  ...Object.entries(dependentRequired ?? {}).map(
    ([key, needed]) => `\`${key}\` needs ${needed.map((each) => `\`${each}\``).join(' and ')} beside it.`,
  ),
]

function among(how: string, choices: Schema[] | undefined): string[] {
  // With a `not` it is more than a list says; the description has it in words.
  if (choices?.some((choice) => choice.not !== undefined)) return []
  const keys = (choices ?? []).flatMap(({ required, properties }) => (properties ? [] : (required ?? [])))
  return keys.length === 0 ? [] : [`${how} ${keys.map((key) => `\`${key}\``).join(', ')} is there.`]
}
