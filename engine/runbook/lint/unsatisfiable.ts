import { formatDuration, parseDuration } from '../../base/duration.ts'
import type { Json } from '../../base/json.ts'
import { isMadeByExpression } from '../expressions/choices.ts'
import type { StepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** Checks that a read-back has time for the number of reads it requires. */
export function lintSettle(path: Path, { settle }: Pick<StepTemplate, 'settle'>): Finding[] {
  const { reads = 1, every = '2s', within = '30s' } = settle ?? {}
  const needed = (reads - 1) * parseDuration(every)
  if (needed <= parseDuration(within)) return []
  return [
    {
      path: [...path, 'settle'],
      message: `${reads} reads at intervals of ${every} take ${formatDuration(needed)}, longer than \`within\` (${within}), so this step never settles`,
      hint: 'increase `within`, or reduce `reads`',
    },
  ]
}

/** Checks that a selected value can equal the expected one: a string never equals a number, for example. */
export function lintTypes(
  path: Path,
  name: string,
  selected: string | undefined,
  wanted: Json,
  wantedType?: string,
): Finding[] {
  const is = describeType(selected)
  const must = isMadeByExpression(wanted) && wantedType !== undefined ? describeType(wantedType) : describeJson(wanted)
  if (is === undefined || must === undefined || is === must) return []
  return [
    {
      path: [...path, 'expect', name],
      message: `\`select.${name}\` is ${is}, so it can never equal ${must}`,
      hint: `change \`expect\` to ${is}, or change \`select\``,
    },
  ]
}

/** Describes a CEL type; returns undefined if it can be anything. */
function describeType(type: string | undefined): string | undefined {
  if (type === undefined || type === 'dyn') return undefined
  if (type === 'string') return 'a string'
  if (type === 'bool') return 'true or false'
  if (type === 'int' || type === 'double' || type === 'uint') return 'a number'
  return type === 'list' || type.startsWith('list<') ? 'a list' : undefined
}

/** Describes the type of a literal; returns undefined for a text with an expression. */
function describeJson(value: Json): string | undefined {
  if (isMadeByExpression(value)) return undefined
  if (typeof value === 'string') return 'a string'
  if (typeof value === 'boolean') return 'true or false'
  if (typeof value === 'number') return 'a number'
  return Array.isArray(value) ? 'a list' : undefined
}
