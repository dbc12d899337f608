import { parseDuration } from '../base/duration.ts'
import { UserError } from '../base/problem.ts'
import { timesOf } from '../gcloud-grammar/operation-times.ts'
import { toCel } from '../runbook/expressions/cel-value.ts'
import { CHANGED, fillDeep, fillText } from '../runbook/expressions/expression.ts'
import type {
  ApproveStepTemplate,
  GateStepTemplate,
  GcloudStepTemplate,
  HttpStepTemplate,
  ScriptStepTemplate,
  SecretStepTemplate,
  StepTemplate,
  WorkflowRunStepTemplate,
} from '../runbook/types.ts'
import { bindArgv, bindScriptArgv } from '../steps/arguments.ts'
import type {
  BoundApproveStep,
  BoundGateStep,
  BoundGcloudStep,
  BoundHttpStep,
  BoundScriptStep,
  BoundSecretStep,
  BoundStep,
  BoundWorkflowRunStep,
} from '../steps/types.ts'
import type { Context, Own } from './bind-context.ts'
import { bindManual, bindWait } from './bind-manual.ts'
import { bindObserve } from './bind-observe.ts'
import type { GivenInputs } from './given-inputs.ts'
import { pickEnvironment } from './pick-environment.ts'

/** Binds the steps of a gate's runbook. */
type BindGate = (name: string, given: GivenInputs, context: Context) => BoundStep[]

/** How one kind of step is bound, and how long it may take unless the runbook says so. */
type Binder<T extends StepTemplate, S extends BoundStep> = {
  bind(template: T, context: Context, bindGate: BindGate): Own<S>
  times(template: T): Times
}

type Times = { timeout: string; settle: string }

/** How long a read may take by default. */
const READ_TIMEOUT = '3m'

const readTimes = (): Times => ({ timeout: READ_TIMEOUT, settle: '30s' })
const requestTimes = (): Times => ({ timeout: '30s', settle: '30s' })

const BINDERS: {
  [K in StepTemplate['kind']]: Binder<Extract<StepTemplate, { kind: K }>, Extract<BoundStep, { kind: K }>>
} = {
  gcloud: { bind: bindGcloud, times: ({ apply }) => (apply ? timesOf(apply.gcloud) : readTimes()) },
  secret: { bind: bindSecret, times: readTimes },
  http: { bind: bindHttp, times: requestTimes },
  workflowRun: { bind: bindWorkflowRun, times: requestTimes },
  script: { bind: bindScript, times: readTimes },
  gate: { bind: bindGateStep, times: readTimes },
  manual: { bind: bindManual, times: readTimes },
  wait: { bind: bindWait, times: readTimes },
  approve: { bind: bindApprove, times: readTimes },
}

/** Binds one repetition of a step. Throws UserError and ExpressionError. */
export function bindOne(template: StepTemplate, context: Context, labels: string[], bindGate: BindGate): BoundStep {
  const { runbook, environment, variables } = context
  const binder: Binder<StepTemplate, BoundStep> = BINDERS[template.kind]
  const times = binder.times(template)
  const common = {
    key: `${runbook.name}/${template.id}${labels.length > 0 ? `[${labels.join(',')}]` : ''}`,
    runbook: runbook.name,
    id: template.id,
    title: fillText(template.title, variables),
    ...(template.description === undefined ? {} : { description: template.description }),
    subject:
      template.subject === undefined ? (labels.at(-1) ?? environment.name) : fillText(template.subject, variables),
    risk: template.risk ?? runbook.risk,
    timeoutMs: parseDuration(template.timeout ?? times.timeout),
    ...(template.timeout === undefined && parseDuration(times.timeout) > parseDuration(READ_TIMEOUT)
      ? { readTimeoutMs: parseDuration(READ_TIMEOUT) }
      : {}),
    ...(template.parallel ? { parallel: true as const } : {}),
    ...(template.dependsOn ? { dependsOn: allNeeds(template.dependsOn, runbook.steps) } : {}),
    retry: { attempts: template.retry?.attempts ?? 1, everyMs: parseDuration(template.retry?.every ?? '2s') },
    settle: {
      reads: template.settle?.reads ?? 1,
      everyMs: parseDuration(template.settle?.every ?? '2s'),
      withinMs: parseDuration(template.settle?.within ?? times.settle),
    },
    ...(template.group === undefined ? {} : { group: fillText(template.group, variables) }),
    ...(template.record === undefined
      ? {}
      : { record: fillText(template.record, { ...variables, changed: toCel(CHANGED) }) }),
    project: environment.project,
  }
  return { ...common, ...binder.bind(template, context, bindGate) }
}

/**
 * Returns what a step depends on, directly and indirectly, in the order of the runbook; whether those have repetitions
 * or not.
 */
function allNeeds(dependsOn: string[], steps: StepTemplate[]): string[] {
  const all = new Set(dependsOn)
  // The loop also visits what is added to the set.
  for (const need of all) for (const each of steps.find(({ id }) => id === need)?.dependsOn ?? []) all.add(each)
  return steps.flatMap(({ id }) => (all.has(id) ? [id] : []))
}

function bindGcloud(template: GcloudStepTemplate, context: Context): Own<BoundGcloudStep> {
  const { environment, variables } = context
  const { apply, cannotApply, undo } = template
  return {
    kind: 'gcloud',
    ...bindObserve(template, context),
    ...(apply
      ? {
          apply: {
            kind: 'gcloud',
            command: { argv: bindArgv(apply.gcloud, variables), project: environment.project },
          },
        }
      : {}),
    ...(cannotApply ? { cannotApply } : {}),
    ...(undo ? { undo: 'gcloud' in undo ? { words: undo.gcloud } : undo } : {}),
  }
}

function bindSecret(
  template: SecretStepTemplate,
  { inventory, environment, variables }: Context,
): Own<BoundSecretStep> & { project: string } {
  const own =
    template.secret.environment === undefined
      ? environment
      : pickEnvironment(inventory, fillText(template.secret.environment, variables))
  const names = fillDeep(template.secret.references, variables)
  if (!Array.isArray(names) || names.length === 0)
    throw new UserError('the secret has no reference environments', 'add them to the inventory')
  const references = names.map((name) => {
    const reference = pickEnvironment(inventory, String(name))
    if (reference.name === own.name)
      throw new UserError('a secret cannot be its own reference', 'use other environments')
    return { environment: reference.name, project: reference.project }
  })
  const trust = template.secret.trust === undefined ? '' : fillText(template.secret.trust, variables)
  if (trust !== '' && !references.some((reference) => reference.environment === trust))
    throw new UserError(
      `\`${trust}\` is not one of the references`,
      `references: ${references.map((reference) => reference.environment).join(', ')}`,
    )
  const secret = fillText(template.secret.name, variables)
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(secret))
    throw new UserError(
      `${JSON.stringify(secret)} is not a secret's name`,
      'use letters, digits, hyphens and underscores',
    )
  const { mayBeShort = false } = own.secrets.find(({ name }) => name === secret) ?? {}
  return {
    ...{ kind: 'secret', project: own.project, secret, references },
    ...(trust === '' ? {} : { trust }),
    ...(mayBeShort ? { mayBeShort } : {}),
  }
}

function bindHttp(template: HttpStepTemplate, { environment, variables }: Context): Own<BoundHttpStep> {
  const { from, url, status } = template.http
  return {
    kind: 'http',
    ...(from ? { from: { argv: bindArgv(from, variables), project: environment.project } } : {}),
    url,
    status,
    variables,
  }
}

function bindWorkflowRun(template: WorkflowRunStepTemplate, { variables }: Context): Own<BoundWorkflowRunStep> {
  const repository = fillText(template.workflowRun.repository, variables)
  const runId = fillText(template.workflowRun.run, variables)
  if (!/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/.test(repository))
    throw new UserError(
      `${JSON.stringify(repository)} is not a repository`,
      'set it as owner/name under `repository` in the inventory',
    )
  if (!/^[0-9]{1,20}$/.test(runId))
    throw new UserError(
      `${JSON.stringify(runId)} is not the id of a workflow run`,
      "use the number at the end of the run's URL",
    )
  return { kind: 'workflowRun', repository, runId }
}

function bindScript({ script }: ScriptStepTemplate, { variables }: Context): Own<BoundScriptStep> {
  const { run, environment = {}, exitCodes } = script
  const given = Object.entries(environment).map(([name, text]) => [name, fillText(text, variables)])
  return {
    kind: 'script',
    argv: bindScriptArgv(run, variables),
    environment: Object.fromEntries(given),
    exitCodes: { pass: [0], ...exitCodes },
  }
}

function bindGateStep({ gate }: GateStepTemplate, context: Context, bindGate: BindGate): Own<BoundGateStep> {
  const given = fillDeep(gate.inputs ?? {}, context.variables) as GivenInputs
  return { kind: 'gate', gate: gate.runbook, steps: bindGate(gate.runbook, given, context) }
}

function bindApprove({ approve }: ApproveStepTemplate, { variables }: Context): Own<BoundApproveStep> {
  return { kind: 'approve', question: fillText(approve.question, variables) }
}
