import type { Scalar } from 'yaml'
import type { Json } from '../../base/json.ts'
import { quote } from '../../base/printable.ts'

/** Returns the JSON of a scalar, and a problem for a number that would change or a string with an incomplete character. */
export function scalarValue(scalar: Scalar, text: string): { json: Json; problem?: { message: string; hint: string } } {
  const { value, range } = scalar
  if (typeof value === 'number') {
    const problem = numberProblem(value, range ? text.slice(range[0], range[1]) : String(value))
    return problem === undefined ? { json: value } : { json: Number.isFinite(value) ? value : 0, problem }
  }
  if (typeof value === 'string')
    return value.isWellFormed() ? { json: value } : { json: value.toWellFormed(), problem: surrogate }
  return { json: typeof value === 'boolean' ? value : null }
}

const surrogate = {
  message: 'this string contains an incomplete character (a lone surrogate)',
  hint: 'write the whole character, or both parts of its escape sequence',
}

function numberProblem(value: number, written: string): { message: string; hint: string } | undefined {
  const hint = `if it is a string, quote it: "${written.slice(0, 60)}"`
  if (!Number.isFinite(value)) return { message: `${quote(written)} is not a finite number`, hint }
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return { message: `the number ${quote(written)} is too large to be exact (the maximum is 2^53 - 1)`, hint }
  if (/^[-+]?0[0-9]+$/.test(written))
    return { message: `${quote(written)} is the number ${value} in YAML, without its leading zeros`, hint }
  return undefined
}
