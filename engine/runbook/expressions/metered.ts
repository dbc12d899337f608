import type { Environment as Cel } from '@marcbachmann/cel-js'
import { compilePattern, type Pattern } from '../../base/pattern.ts'
import { type Budget, BudgetError, spend } from './budget.ts'
import { Withheld } from './withheld.ts'

type Program = ReturnType<Cel['parse']>

/** What the library's evaluator and type checker do with a tree. Every node goes through `run` and `check`. */
type Evaluator = { run(node: Node, context: object): unknown; tryEval(node: Node, context: object): unknown }
type Checker = { check(node: Node, context: object): { name: string } }

/** A node of a parsed expression; an operator or a call has `handle` once it was checked. */
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

/** What an error costs that an operator passes over: it is made with its place in the expression and a stack. */
const ERROR = 500

const meters = new WeakSet<object>()
let budget: Budget

/** Runs a program within a budget: each step is counted, and what a step is about to walk through is counted before it does. Throws BudgetError. */
export function runWithin<T>(program: Program, variables: object, within: Budget, use: (value: unknown) => T): T {
  const before = budget
  budget = within
  try {
    // Without a prototype: a variable that isn't there is not found in it.
    const value = program(Object.assign(Object.create(null), variables))
    spend(within, sizeOf(value))
    return use(value)
  } finally {
    budget = before
  }
}

/** Has a program's evaluation and type check go through the meter. */
export function metered(program: Program): Program {
  const root = program.ast as unknown as Node
  const { check } = root
  // The root is the one node that the library evaluates without `run`; a node replaces its own `evaluate` at the first call.
  let { evaluate } = root
  Object.defineProperty(root, 'evaluate', {
    get: () => (evaluator: Evaluator, _: Node, context: object) => {
      meterEvaluator(evaluator)
      return take(evaluator, root, context, evaluate)
    },
    set: (other: Node['evaluate']) => {
      evaluate = other
    },
  })
  root.check = (checker, _, context) => {
    meterChecker(checker)
    root.check = check
    return checker.check(root, context)
  }
  return program
}

function take(evaluator: Evaluator, node: Node, context: object, evaluate: Node['evaluate']): unknown {
  spend(budget, 1)
  const made = step(evaluator, node, context)
  return made === LEFT_TO_IT ? evaluate.call(node, evaluator, node, context) : made
}

function meterEvaluator(evaluator: Evaluator): void {
  if (meters.has(evaluator)) return
  meters.add(evaluator)
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

/** The longest name of a type: types of maps of maps grow with each level, and those of a hostile expression double. */
const LONGEST_TYPE = 2000

function meterChecker(checker: Checker): void {
  if (meters.has(checker)) return
  meters.add(checker)
  const check = checker.check.bind(checker)
  checker.check = (node, context) => {
    const type = check(node, context)
    if (type.name.length > LONGEST_TYPE) throw new Error('the type of this expression is too large')
    return type
  }
}

/** Stands for a step that the library takes. */
const LEFT_TO_IT = Symbol('left to the library')

/** Takes the steps whose cost depends on their operands, and leaves all others to the library. */
function step(evaluator: Evaluator, node: Node, context: object): unknown {
  if (node.op === '.?' || node.op === '[?]') spend(budget, ERROR)
  if (OPERATORS.has(node.op) && node.handle !== undefined) {
    const left = evaluator.run(node.left as Node, context)
    const right = evaluator.run(node.right as Node, context)
    spend(budget, sizeOf(left) + sizeOf(right))
    // Of a text and a withheld value the library would say that they differ.
    if (COMPARING.has(node.op) || (node.op === 'in' && !(right instanceof Map)))
      for (const operand of [left, right]) refuseWithheld(operand)
    return node.handle(left, right, node, evaluator)
  }
  if (node.op === 'map') return mapOf(evaluator, node.args as [Node, Node][], context)
  if (node.handle === undefined) return LEFT_TO_IT
  if (node.op === 'call') return call(evaluator, node, (node.args as [string, Node[]])[1], context)
  if (node.op === 'rcall' && node.receiverWithArgs) return call(evaluator, node, node.receiverWithArgs, context)
  return LEFT_TO_IT
}

const OPERATORS = new Set(['==', '!=', 'in', '+', '<', '<=', '>', '>='])

const COMPARING = new Set(['==', '!='])

/** Throws WithheldError where a value holds one that is withheld. */
function refuseWithheld(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Withheld) value.refuse()
  if (value instanceof Map || Array.isArray(value)) for (const each of value.values()) refuseWithheld(each)
}

/** A map of the entries, whatever their keys: the library's own leaves out those that mean something in JavaScript. */
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

/** What compiling costs for each instruction of a pattern. */
const COMPILING = 50

/** The patterns that a budget has paid for. */
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

/** What a function costs that does more than walk through its operands once. */
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
      // A time in a time zone asks for the zone's rules each time.
      return name.startsWith('get') && second !== undefined ? 5000 : 0
  }
}

const sizes = new WeakMap<object, number>()

/** How much there is to walk through in a value; what holds the same thing twice is walked through twice. */
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

/** JSON that was parsed inside an expression, each object as a map. */
function withoutPrototypes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutPrototypes)
  return new Map(Object.entries(value).map(([key, each]) => [key, withoutPrototypes(each)]))
}

/** The patterns that an expression gives to `matches` as they are, each with where it stands. */
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
