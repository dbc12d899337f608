import type { Json } from '../../base/json.ts'
import { suggest } from '../../base/suggest.ts'
import type { Argument } from '../../gcloud-grammar/argument.ts'
import { type ExpressionProblem, makeChecker, type Scope, type ScopeTypes } from '../expressions/expression.ts'
import { type Segment, soleExpression, splitTemplate, UnclosedExpression } from '../expressions/template.ts'
import type { Finding, Path } from './findings.ts'

/** The type that the context of an expression requires. */
type Wanted = 'anything' | 'text' | 'boolean' | 'list'

/** The variables in scope, and the list that collects findings. */
export type Context = { types: ScopeTypes; scope: Scope; findings: Finding[] }

/** Checks the expressions in the arguments of a command. */
export function checkArguments(context: Context, path: Path, args: Argument[]): void {
  args.forEach((arg, index) => {
    if (typeof arg === 'string') checkText(context, [...path, index], arg, 'text')
    else checkText(context, [...path, index, 'on'], arg.on, 'boolean')
  })
}

/** Checks the expressions in every string inside a value. */
export function checkDeep(context: Context, path: Path, value: Json): void {
  if (typeof value === 'string') checkText(context, path, value, 'anything')
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) checkDeep(context, [...path, index], item)
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) checkDeep(context, [...path, key], item)
}

/** Checks the expressions in one string; returns the CEL type if the string is a single expression. */
export function checkText(context: Context, path: Path, text: string | undefined, wanted: Wanted): string | undefined {
  if (text === undefined) return undefined
  const segments = split(context, path, text)
  const sole = soleExpression(segments)
  let type: string | undefined
  for (const segment of segments) {
    if ('literal' in segment) continue
    const answer = makeChecker(context.types, context.scope).typeOf(segment.expression)
    if (typeof answer !== 'string') {
      context.findings.push(problemIn(path, segment, answer, context))
      continue
    }
    type = answer
    const need = sole === undefined ? 'text' : wanted
    if (!isGoodFor(answer, need))
      context.findings.push({
        path,
        start: segment.start,
        end: segment.end,
        message: `expected ${WANTED[need]}, but this expression has type ${answer}`,
      })
  }
  if (sole === undefined && (wanted === 'list' || wanted === 'boolean'))
    context.findings.push({
      path,
      message: `expected a single expression for ${WANTED[wanted]}`,
      hint: 'write it as ${{ … }}',
    })
  return sole === undefined ? undefined : type
}

const WANTED: Record<Wanted, string> = {
  anything: 'a value',
  text: 'a string',
  boolean: 'true or false',
  list: 'a list',
}

function isGoodFor(type: string, wanted: Wanted): boolean {
  switch (wanted) {
    case 'anything':
      return true
    case 'boolean':
      return type === 'bool' || type === 'dyn'
    case 'list':
      return type === 'list' || type.startsWith('list<') || type === 'dyn'
    case 'text':
      return ['string', 'int', 'double', 'bool', 'dyn'].includes(type)
  }
}

function split(context: Context, path: Path, text: string): Segment[] {
  try {
    return splitTemplate(text)
  } catch (error) {
    if (!(error instanceof UnclosedExpression)) throw error
    context.findings.push({ path, start: error.offset, end: error.offset + 3, message: error.message })
    return []
  }
}

function problemIn(
  path: Path,
  segment: { start: number; end: number },
  problem: ExpressionProblem,
  context: Context,
): Finding {
  const at =
    problem.start === undefined
      ? { start: segment.start, end: segment.end }
      : { start: segment.start + problem.start, end: segment.start + Math.max(problem.end ?? 0, problem.start + 1) }
  const name = /^(?:Unknown variable|No such key): (\S+)/.exec(problem.message)?.[1]
  if (!name) return { path, ...at, message: problem.message }
  const known = problem.message.startsWith('Unknown')
    ? Object.keys(context.scope)
    : Object.values(context.types).flatMap((fields) => Object.keys(fields))
  const meant = suggest(name, known)
  const message = problem.message.startsWith('Unknown')
    ? `there is no variable \`${name}\` here`
    : `there is no field \`${name}\``
  return {
    path,
    ...at,
    message,
    hint: meant ? `did you mean \`${meant}\`?` : `available: ${[...new Set(known)].join(', ')}`,
  }
}
