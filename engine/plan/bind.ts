import { parseDuration } from '../runbook/duration.ts'
import { CHANGED, ExpressionError, evaluate, fill, fillDeep, fillText } from '../runbook/expression.ts'
import type { Environment, Inventory } from '../runbook/inventory-types.ts'
import type { Json, JsonObject } from '../runbook/json.ts'
import { isJsonObject } from '../runbook/json.ts'
import { Problem } from '../runbook/problem.ts'
import { soleExpression, splitTemplate } from '../runbook/template.ts'
import type {
  GcloudStepTemplate,
  HttpStepTemplate,
  Runbook,
  SecretStepTemplate,
  StepTemplate,
} from '../runbook/types.ts'
import type { BoundGcloudStep, BoundHttpStep, BoundSecretStep, BoundStep, Expectation } from '../steps/types.ts'
import { bindWords } from '../steps/words.ts'
import { bindInputs, type GivenInputs } from './inputs.ts'

/** A runbook bound to an environment: its inputs, and its steps and checks one by one. */
export type BoundRunbook = { inputs: JsonObject; steps: BoundStep[]; checks: BoundStep[] }

/** The environment of that name; throws Problem with the names there are. */
export function pickEnvironment(inventory: Inventory, name: string): Environment {
  const environment = Object.hasOwn(inventory.environments, name) ? inventory.environments[name] : undefined
  if (environment) return environment
  throw new Problem(
    `the inventory has no environment \`${name}\``,
    `it has: ${Object.keys(inventory.environments).join(', ')}`,
  )
}

/** Binds a runbook's steps to an environment of an inventory and the operator's inputs. Throws Problem. */
export function bindRunbook(
  runbook: Runbook,
  inventory: Inventory,
  environment: Environment,
  given: GivenInputs,
): BoundRunbook {
  const base = { env: environment, environments: inventory.environments } as unknown as JsonObject
  const inputs = bindInputs(runbook, given, base)
  const variables = { ...base, inputs }
  const bindAll = (templates: StepTemplate[]): BoundStep[] =>
    templates.flatMap((template) => bindStep(template, { runbook, inventory, environment, variables }))
  return { inputs, steps: bindAll(runbook.steps), checks: bindAll(runbook.verify) }
}

type Context = { runbook: Runbook; inventory: Inventory; environment: Environment; variables: JsonObject }

function bindStep(template: StepTemplate, context: Context): BoundStep[] {
  try {
    return repetitions(template, context.variables)
      .filter(({ variables }) => template.when === undefined || isTrue(fill(template.when, variables), template))
      .map(({ variables, labels }) => bindOne(template, { ...context, variables }, labels))
  } catch (error) {
    if (error instanceof ExpressionError)
      throw new Problem(
        `${context.runbook.name}, step ${template.id}: ${error.message}`,
        'mend the runbook, the inventory or the input',
      )
    if (error instanceof Problem)
      throw new Problem(`${context.runbook.name}, step ${template.id}: ${error.message}`, error.hint)
    throw error
  }
}

function isTrue(value: Json, template: StepTemplate): boolean {
  if (typeof value === 'boolean') return value
  throw new Problem(`\`when\` gives ${JSON.stringify(value)}, not true or false`, `mend \`when\` of ${template.id}`)
}

/** The variables of each repetition, nested like loops, with a short label for each value. */
function repetitions(template: StepTemplate, variables: JsonObject): { variables: JsonObject; labels: string[] }[] {
  let all = [{ variables, labels: [] as string[] }]
  for (const [name, expression] of Object.entries(template.forEach ?? {})) {
    all = all.flatMap((outer) => {
      const list = evaluate(soleExpression(splitTemplate(expression)) ?? expression, outer.variables)
      if (!Array.isArray(list)) throw new Problem(`\`forEach.${name}\` does not give a list`, 'mend the expression')
      return list.map((item) => ({
        variables: { ...outer.variables, [name]: item },
        labels: [...outer.labels, labelOf(item)],
      }))
    })
  }
  return all
}

const labelOf = (item: Json): string =>
  isJsonObject(item) && typeof item.name === 'string'
    ? item.name
    : typeof item === 'string'
      ? item
      : JSON.stringify(item)

function bindOne(template: StepTemplate, context: Context, labels: string[]): BoundStep {
  const { runbook, environment, variables } = context
  const common = {
    key: `${runbook.name}/${template.id}${labels.length > 0 ? `[${labels.join(',')}]` : ''}`,
    runbook: runbook.name,
    id: template.id,
    title: fillText(template.title, variables),
    ...(template.description === undefined ? {} : { description: template.description }),
    subject:
      template.subject === undefined ? (labels.at(-1) ?? environment.name) : fillText(template.subject, variables),
    risk: template.risk ?? runbook.risk,
    timeoutMs: parseDuration(template.timeout ?? '3m'),
    retry: { attempts: template.retry?.attempts ?? 1, everyMs: parseDuration(template.retry?.every ?? '2s') },
    settle: {
      reads: template.settle?.reads ?? 1,
      everyMs: parseDuration(template.settle?.every ?? '2s'),
      withinMs: parseDuration(template.settle?.within ?? '30s'),
    },
    ...(template.record === undefined ? {} : { record: fillText(template.record, { ...variables, changed: CHANGED }) }),
    project: environment.project,
  }
  switch (template.kind) {
    case 'gcloud':
      return { ...common, ...bindGcloud(template, context) }
    case 'secret':
      return { ...common, ...bindSecret(template, context) }
    case 'http':
      return { ...common, ...bindHttp(template, context) }
  }
}

type Own<T> = Omit<T, Exclude<keyof BoundSecretStep, 'kind' | 'secret' | 'references' | 'trust'>>

function bindGcloud(template: GcloudStepTemplate, { environment, variables }: Context): Own<BoundGcloudStep> {
  const { gcloud, select, project } = template.observe
  const readProject = project === undefined ? environment.project : fillText(project, variables)
  const named = Array.isArray(gcloud)
    ? [{ words: gcloud }]
    : Object.entries(gcloud).map(([name, words]) => ({ name, words }))
  const { undo } = template
  return {
    kind: 'gcloud',
    reads: named.map(({ words, ...name }) => ({
      ...name,
      command: { argv: bindWords(words, variables), project: readProject },
    })),
    select,
    expect: fillDeep(template.expect, variables) as Expectation,
    variables,
    ...(template.apply
      ? {
          apply: {
            kind: 'gcloud',
            command: { argv: bindWords(template.apply.gcloud, variables), project: environment.project },
          },
        }
      : {}),
    ...(undo ? { undo: 'gcloud' in undo ? { words: undo.gcloud } : undo } : {}),
  }
}

function bindSecret(
  template: SecretStepTemplate,
  { inventory, environment, variables }: Context,
): Own<BoundSecretStep> {
  const names = fillDeep(template.secret.references, variables)
  if (!Array.isArray(names) || names.length === 0)
    throw new Problem('the secret has no reference environments', 'name them in the inventory')
  const references = names.map((name) => {
    const reference = pickEnvironment(inventory, String(name))
    if (reference.name === environment.name)
      throw new Problem('a secret cannot be its own reference', 'name other environments')
    return { environment: reference.name, project: reference.project }
  })
  const trust = template.secret.trust === undefined ? '' : fillText(template.secret.trust, variables)
  if (trust !== '' && !references.some((reference) => reference.environment === trust))
    throw new Problem(
      `\`${trust}\` is not one of the references`,
      `references: ${references.map((reference) => reference.environment).join(', ')}`,
    )
  const secret = fillText(template.secret.name, variables)
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(secret))
    throw new Problem(
      `${JSON.stringify(secret)} is not a secret's name`,
      'letters, digits, hyphens and underscores make one',
    )
  return { kind: 'secret', secret, references, ...(trust === '' ? {} : { trust }) }
}

function bindHttp(template: HttpStepTemplate, { environment, variables }: Context): Own<BoundHttpStep> {
  const { from, url, status } = template.http
  return {
    kind: 'http',
    ...(from ? { from: { argv: bindWords(from, variables), project: environment.project } } : {}),
    url,
    status,
    variables,
  }
}
