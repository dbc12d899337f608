import type { Environment as Cel } from '@marcbachmann/cel-js'
import { compilePattern, type Pattern } from '../../base/pattern.ts'
import { type Budget, BudgetError, spend } from './budget.ts'
import { RedactedValue } from './redacted.ts'

type Program = ReturnType<Cel['parse']>

/** The library's evaluator and type checker. Every node passes through `run` and `check`. */
type Evaluator = { run(node: Node, context: object): unknown; tryEval(node: Node, context: object): unknown }
type Checker = { check(node: Node, context: object): { name: string } }

/** A node of a parsed expression; a checked operator or call has `handle`. */
type Node = {
  op: string
  args: unknown
  handle?: (...given: unknown[]) => unknown
  left?: Node
  right?: Node
  receiverWithArgs?: Node[]
  evaluate(evaluator: Evaluator, node: Node, context: object): unknown
  check(checker: Checker, node: Node, context: object): { name: string }
}

/** The cost of an error that an operator ignores, which includes a position and a stack trace. */
const ERROR = 500

const limited = new WeakSet<object>()
let budget: Budget

/** Runs a program within a budget. Counts each step, and the size of its operands before it walks them. Throws BudgetError. */
export function runWithBudget<T>(program: Program, variables: object, within: Budget, use: (value: unknown) => T): T {
  const before = budget
  budget = within
  try {
    // Without a prototype, so that an undefined variable is not found there.
    const value = program(Object.assign(Object.create(null), variables))
    spend(within, sizeOf(value))
    return use(value)
  } finally {
    budget = before
  }
}

/** Makes a program count the cost of its evaluation and type check. */
export function withCostLimit(program: Program): Program {
  const root = program.ast as unknown as Node
  const { check } = root
  // The library evaluates the root without `run`, and a node replaces its own `evaluate` on the first call.
  let { evaluate } = root
  Object.defineProperty(root, 'evaluate', {
    get: () => (evaluator: Evaluator, _: Node, context: object) => {
      limitEvaluator(evaluator)
      return take(evaluator, root, context, evaluate)
    },
    set: (other: Node['evaluate']) => {
      evaluate = other
    },
  })
  root.check = (checker, _, context) => {
    limitChecker(checker)
    root.check = check
    return checker.check(root, context)
  }
  return program
}

function take(evaluator: Evaluator, node: Node, context: object, evaluate: Node['evaluate']): unknown {
  spend(budget, 1)
  const made = step(evaluator, node, context)
  return made === LEFT_TO_LIBRARY ? evaluate.call(node, evaluator, node, context) : made
}

function limitEvaluator(evaluator: Evaluator): void {
  if (limited.has(evaluator)) return
  limited.add(evaluator)
  evaluator.run = (node, context) => take(evaluator, node, context, node.evaluate)
  evaluator.tryEval = (node, context) => {
    try {
      return evaluator.run(node, context)
    } catch (error) {
      if (error instanceof BudgetError) throw error
      spend(budget, ERROR)
      return error
    }
  }
}

/** The longest type name. Types of nested maps grow with each level, and a hostile expression can double them. */
const LONGEST_TYPE = 2000

function limitChecker(checker: Checker): void {
  if (limited.has(checker)) return
  limited.add(checker)
  const check = checker.check.bind(checker)
  checker.check = (node, context) => {
    const type = check(node, context)
    if (type.name.length > LONGEST_TYPE) throw new Error('the type of this expression is too large')
    return type
  }
}

/** Marks a step that the library evaluates. */
const LEFT_TO_LIBRARY = Symbol('left to the library')

/** Evaluates the steps whose cost depends on their operands, and leaves all others to the library. */
function step(evaluator: Evaluator, node: Node, context: object): unknown {
  if (node.op === '.?' || node.op === '[?]') spend(budget, ERROR)
  if (OPERATORS.has(node.op) && node.handle !== undefined) {
    const left = evaluator.run(node.left as Node, context)
    const right = evaluator.run(node.right as Node, context)
    spend(budget, sizeOf(left) + sizeOf(right))
    // The library would report that a text differs from a redacted value.
    if (COMPARING.has(node.op) || (node.op === 'in' && !(right instanceof Map)))
      for (const operand of [left, right]) refuseRedacted(operand)
    return node.handle(left, right, node, evaluator)
  }
  if (node.op === 'map') return mapOf(evaluator, node.args as [Node, Node][], context)
  if (node.handle === undefined) return LEFT_TO_LIBRARY
  if (node.op === 'call') return call(evaluator, node, (node.args as [string, Node[]])[1], context)
  if (node.op === 'rcall' && node.receiverWithArgs) return call(evaluator, node, node.receiverWithArgs, context)
  return LEFT_TO_LIBRARY
}

const OPERATORS = new Set(['==', '!=', 'in', '+', '<', '<=', '>', '>='])

const COMPARING = new Set(['==', '!='])

/** Throws RedactedError if a value contains a redacted one. */
function refuseRedacted(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof RedactedValue) value.refuse()
  if (value instanceof Map || Array.isArray(value)) for (const each of value.values()) refuseRedacted(each)
}

/** Creates a map with any keys: the library's own drops those with a meaning in JavaScript. */
const mapOf = (evaluator: Evaluator, entries: [Node, Node][], context: object): Map<unknown, unknown> =>
  new Map(entries.map(([key, value]) => [evaluator.run(key, context), evaluator.run(value, context)]))

function call(evaluator: Evaluator, node: Node, operands: Node[], context: object): unknown {
  const given = operands.map((each) => evaluator.run(each, context))
  const name = (node.args as [string])[0]
  spend(budget, given.reduce<number>((sum, each) => sum + sizeOf(each), 0) + extraCost(name, given))
  const [text, pattern] = given
  if (name === 'matches' && typeof text === 'string' && typeof pattern === 'string') return matches(text, pattern)
  const value = node.op === 'call' ? node.handle?.(given, node, evaluator) : node.handle?.(given, evaluator, node)
  return name === 'json' ? withoutPrototypes(value) : value
}

function matches(text: string, source: string): boolean {
  const pattern = patternOf(source)
  spend(budget, (text.length * pattern.size) / 8)
  return pattern.test(text)
}

/** The cost of compiling each instruction of a pattern. */
const COMPILING = 50

/** The patterns that each budget has paid for. */
const paid = new WeakMap<Budget, Map<string, Pattern>>()

function patternOf(source: string): Pattern {
  const patterns = paid.get(budget) ?? new Map<string, Pattern>()
  paid.set(budget, patterns)
  const known = patterns.get(source)
  if (known !== undefined) return known
  spend(budget, source.length)
  const pattern = compilePattern(source)
  spend(budget, pattern.size * COMPILING)
  patterns.set(source, pattern)
  return pattern
}

/** Returns the cost of a function beyond walking its operands once. */
function extraCost(name: string, [first, second]: unknown[]): number {
  const length = (value: unknown): number => (typeof value === 'string' || Array.isArray(value) ? value.length : 0)
  switch (name) {
    case 'contains':
    case 'indexOf':
    case 'lastIndexOf':
    case 'split':
      return (length(first) * length(second)) / 64
    case 'join':
      return (length(first) * length(second)) / 16
    case 'duration':
      return length(first) ** 3
    default:
      // A time zone's rules are looked up on each call.
      return name.startsWith('get') && second !== undefined ? 5000 : 0
  }
}

const sizes = new WeakMap<object, number>()

/** Returns the cost of walking a value; a part that occurs twice counts twice. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length / 16
  if (typeof value !== 'object' || value === null) return 1
  if (value instanceof Uint8Array) return 1 + value.length / 16
  const known = sizes.get(value)
  if (known !== undefined) return known
  let size = 1
  if (value instanceof Map) for (const [key, each] of value) size += sizeOf(key) + sizeOf(each)
  else if (Array.isArray(value)) for (const each of value) size += sizeOf(each)
  sizes.set(value, size)
  return size
}

/** Turns the objects in JSON that an expression parsed into maps. */
function withoutPrototypes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutPrototypes)
  return new Map(Object.entries(value).map(([key, each]) => [key, withoutPrototypes(each)]))
}

/** Returns the literal patterns that an expression passes to `matches`, with their offsets. */
export function literalPatterns(program: Program): { pattern: string; start: number; end: number }[] {
  const found: { pattern: string; start: number; end: number }[] = []
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const each of part) visit(each)
    if (typeof part !== 'object' || part === null || !('op' in part)) return
    const { op, args } = part as Node
    const pattern = op === 'rcall' && Array.isArray(args) && args[0] === 'matches' ? args[2]?.[0] : undefined
    if (pattern?.op === 'value' && typeof pattern.args === 'string')
      found.push({ pattern: pattern.args, start: pattern.start, end: pattern.end })
    visit(args)
  }
  visit(program.ast)
  return found
}
