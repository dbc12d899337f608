import type { Schema } from './schema-form.ts'

/** Returns sentences about which keys require or exclude each other. */
export const conditionsOf = ({ oneOf, anyOf, dependentRequired }: Schema): string[] => [
  ...among('Exactly one of', oneOf),
  ...among('At least one of', anyOf),
  ...Object.entries(dependentRequired ?? {}).map(
    ([key, needed]) => `\`${key}\` needs ${needed.map((each) => `\`${each}\``).join(' and ')} beside it.`,
  ),
]

function among(how: string, choices: Schema[] | undefined): string[] {
  // A condition with `not` is more than a list can say; the description covers it.
  if (choices?.some((choice) => choice.not !== undefined)) return []
  const keys = (choices ?? []).flatMap(({ required, properties }) => (properties ? [] : (required ?? [])))
  return keys.length === 0 ? [] : [`${how} ${keys.map((key) => `\`${key}\``).join(', ')} is there.`]
}
