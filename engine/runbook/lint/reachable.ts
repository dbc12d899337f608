import { formatDuration, parseDuration } from '../../base/duration.ts'
import type { Json } from '../../base/json.ts'
import { isMadeByExpression } from '../expressions/choices.ts'
import type { StepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** A read-back that asks for more reads in a row than there is time for never ends well. */
export function lintSettle(path: Path, { settle }: Pick<StepTemplate, 'settle'>): Finding[] {
  const { reads = 1, every = '2s', within = '30s' } = settle ?? {}
  const needed = (reads - 1) * parseDuration(every)
  if (needed <= parseDuration(within)) return []
  return [
    {
      path: [...path, 'settle'],
      message: `${reads} reads ${every} apart take ${formatDuration(needed)}, and there are ${within}, so this never settles`,
      hint: 'wait longer with `within`, or ask for fewer reads',
    },
  ]
}

/** A value that can only be of one form never equals one of another: a condition and a text, a text and a number. */
export function lintForms(
  path: Path,
  name: string,
  selected: string | undefined,
  wanted: Json,
  wantedType?: string,
): Finding[] {
  const is = formOfType(selected)
  const must = isMadeByExpression(wanted) && wantedType !== undefined ? formOfType(wantedType) : formOfJson(wanted)
  if (is === undefined || must === undefined || is === must) return []
  return [
    {
      path: [...path, 'expect', name],
      message: `\`select.${name}\` gives ${is}, so it can never be ${must}`,
      hint: `write what must be as ${is}, or change what \`select\` gives`,
    },
  ]
}

/** The form of what an expression gives, as far as its type tells. */
function formOfType(type: string | undefined): string | undefined {
  if (type === undefined || type === 'dyn') return undefined
  if (type === 'string') return 'a text'
  if (type === 'bool') return 'true or false'
  if (type === 'int' || type === 'double' || type === 'uint') return 'a number'
  return type === 'list' || type.startsWith('list<') ? 'a list' : undefined
}

/** The form of a literal value; of a text that holds an expression, nothing is known. */
function formOfJson(value: Json): string | undefined {
  if (isMadeByExpression(value)) return undefined
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'boolean') return 'true or false'
  if (typeof value === 'number') return 'a number'
  return Array.isArray(value) ? 'a list' : undefined
}
