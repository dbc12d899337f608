import type { Scalar } from 'yaml'
import type { Json } from '../../base/json.ts'
import { quote } from '../../base/printable.ts'

/** The JSON of a scalar in a text, and what is wrong with it: numbers that would change, texts that are not whole. */
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
  message: 'this text holds half of a character (a lone surrogate)',
  hint: 'write the whole character, or both halves of its escape',
}

function numberProblem(value: number, written: string): { message: string; hint: string } | undefined {
  const hint = `if it is a text, put it in quotes: "${written.slice(0, 60)}"`
  if (!Number.isFinite(value)) return { message: `${quote(written)} is not a number that can be used here`, hint }
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return { message: `the number ${quote(written)} is too large to be exact (the limit is 2^53 - 1)`, hint }
  if (/^[-+]?0[0-9]+$/.test(written))
    return { message: `${quote(written)} would be read as the number ${value}, without its leading zeros`, hint }
  return undefined
}
