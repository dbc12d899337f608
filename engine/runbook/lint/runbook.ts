import type { Argument } from '../../gcloud-grammar/argument.ts'
import { beforeType, INVENTORY_SCOPE, STEP_SCOPE, scopeTypes } from '../expressions/scope.ts'
import { notInVerify } from '../step-kinds.ts'
import type { BackfillTemplate, GcloudStepTemplate, HttpStepTemplate, Runbook, StepTemplate } from '../types.ts'
import { lintArguments, lintRead } from './arguments.ts'
import { type Context, checkArguments, checkDeep, checkText } from './expressions.ts'
import type { Finding, Path } from './findings.ts'
import { lintInputs, lintSchemas } from './inputs.ts'
import { lintNonCommandStep } from './non-command-steps.ts'
import { lintObserve } from './observe.ts'
import { lintParallel } from './parallel.ts'
import { lintScript } from './script.ts'
import { lintSettle } from './unsatisfiable.ts'

/** Returns the mistakes in a runbook that its schema cannot express: names, expressions, types and incomplete steps. */
export function lintRunbook(runbook: Runbook): Finding[] {
  const schemas = lintSchemas(runbook)
  if (schemas.length > 0) return schemas
  const types = scopeTypes(runbook)
  const findings: Finding[] = lintInputs(runbook, types)
  for (const [name, schema] of Object.entries(runbook.inputs))
    checkDeep({ types, scope: INVENTORY_SCOPE, findings }, ['inputs', name, 'default'], schema.default ?? null)
  const seen = new Map<string, Path>()
  for (const part of ['steps', 'verify'] as const) {
    runbook[part].forEach((step, index) => {
      const path = [part, index]
      if (seen.has(step.id))
        findings.push({
          path: [...path, 'id'],
          message: `duplicate step ID \`${step.id}\``,
          hint: 'give each step a unique ID',
        })
      seen.set(step.id, path)
      if (part === 'steps') findings.push(...lintOtherProject(path, step))
      else findings.push(...lintOnlyLooks(path, step))
      lintStep({ types, scope: STEP_SCOPE, findings }, path, step)
    })
  }
  findings.push(...lintParallel(runbook))
  runbook.backfill.forEach((file, index) => {
    lintBackfill({ types, scope: STEP_SCOPE, findings }, ['backfill', index], file)
  })
  return findings
}

/** Checks that a step in `verify` only observes. */
function lintOnlyLooks(path: Path, step: StepTemplate): Finding[] {
  const key = notInVerify(step)
  if (key === undefined) return []
  const message = 'a step in `verify` can only observe'
  return [{ path: [...path, key], on: 'key', message, hint: 'move the step to `steps`' }]
}

/** Checks that a step that changes something observes the environment of the run, which is what it changes. */
function lintOtherProject(path: Path, step: StepTemplate): Finding[] {
  const message = 'a step that changes something can only observe the environment of the run'
  const hint = 'steps in `verify` can observe other environments'
  if (step.kind === 'gcloud' && step.apply && step.observe.project !== undefined)
    return [{ path: [...path, 'observe', 'project'], on: 'key', message, hint }]
  if (step.kind === 'secret' && step.secret.environment !== undefined)
    return [{ path: [...path, 'secret', 'environment'], on: 'key', message, hint }]
  return []
}

function lintBackfill(context: Context, path: Path, template: BackfillTemplate): void {
  const inner = lintForEach(context, path, template)
  checkText(inner, [...path, 'file'], template.file, 'text')
  template.points.forEach((point, index) => {
    const { yaml: _, ...texts } = { yaml: undefined, ...point }
    checkDeep(inner, [...path, 'points', index], texts)
  })
}

function lintStep(context: Context, path: Path, step: StepTemplate): void {
  const inner = lintForEach(context, path, step)
  const { scope } = inner
  context.findings.push(...lintSettle(path, step))
  checkText(inner, [...path, 'title'], step.title, 'text')
  checkText(inner, [...path, 'subject'], step.subject, 'text')
  checkText({ ...inner, scope: { ...scope, changed: 'string' } }, [...path, 'record'], step.record, 'text')
  const { lint }: KindLint<StepTemplate> = KINDS[step.kind]
  lint(inner, path, step)
}

type KindLint<T extends StepTemplate> = { lint(context: Context, path: Path, step: T): void }

/** What is checked in each kind of step. */
const KINDS: { [K in StepTemplate['kind']]: KindLint<Extract<StepTemplate, { kind: K }>> } = {
  gcloud: { lint: lintGcloud },
  secret: {
    lint(context, path, { secret }) {
      checkText(context, [...path, 'secret', 'name'], secret.name, 'text')
      checkText(context, [...path, 'secret', 'trust'], secret.trust, 'text')
      checkText(context, [...path, 'secret', 'environment'], secret.environment, 'text')
      if (typeof secret.references === 'string')
        checkText(context, [...path, 'secret', 'references'], secret.references, 'list')
      else checkDeep(context, [...path, 'secret', 'references'], secret.references)
    },
  },
  http: { lint: lintHttp },
  workflowRun: {
    lint(context, path, { workflowRun }) {
      checkText(context, [...path, 'workflowRun', 'repository'], workflowRun.repository, 'text')
      checkText(context, [...path, 'workflowRun', 'run'], workflowRun.run, 'text')
    },
  },
  script: {
    lint(context, path, step) {
      context.findings.push(...lintScript(path, step))
      checkArguments(context, [...path, 'script', 'run'], step.script.run)
      for (const [name, value] of Object.entries(step.script.environment ?? {}))
        checkText(context, [...path, 'script', 'environment', name], value, 'text')
    },
  },
  gate: {
    lint(context, path, { gate }) {
      checkDeep(context, [...path, 'gate', 'inputs'], gate.inputs ?? {})
    },
  },
  manual: { lint: lintNonCommandStep },
  wait: { lint: lintNonCommandStep },
  approve: { lint: lintNonCommandStep },
}

/** Returns the context inside `forEach`: the outer variables and one for each list. */
function lintForEach(context: Context, path: Path, { forEach, when }: Pick<StepTemplate, 'forEach' | 'when'>): Context {
  let { scope } = context
  for (const [variable, expression] of Object.entries(forEach ?? {})) {
    const type = checkText({ ...context, scope }, [...path, 'forEach', variable], expression, 'list')
    if (Object.hasOwn(scope, variable) || RESERVED.has(variable))
      context.findings.push({
        path: [...path, 'forEach', variable],
        on: 'key',
        message: `the variable \`${variable}\` already exists`,
        hint: 'choose another name',
      })
    scope = { ...scope, [variable]: /^list<(.+)>$/.exec(type ?? '')?.[1] ?? 'dyn' }
  }
  const inner = { ...context, scope }
  checkText(inner, [...path, 'when'], when, 'boolean')
  return inner
}

const RESERVED = new Set(['result', 'before', 'changed', 'inputs', 'env', 'environments', 'repository'])

function lintGcloud(context: Context, path: Path, step: GcloudStepTemplate): void {
  lintObserve(context, path, step)
  if (step.apply) checkCommand(context, [...path, 'apply', 'gcloud'], step.apply.gcloud)
  const types = { ...context.types, Before: beforeType(step) }
  const withBefore = { ...context, types, scope: { ...context.scope, before: 'Before' } }
  checkText(withBefore, [...path, 'cannotApply', 'when'], step.cannotApply?.when, 'boolean')
  checkText(withBefore, [...path, 'cannotApply', 'reason'], step.cannotApply?.reason, 'text')
  if (step.undo && 'gcloud' in step.undo) checkCommand(withBefore, [...path, 'undo', 'gcloud'], step.undo.gcloud)
}

function lintHttp(context: Context, path: Path, step: HttpStepTemplate): void {
  const { from, url } = step.http
  if (from) {
    context.findings.push(...lintRead([...path, 'http', 'from'], from))
    checkArguments(context, [...path, 'http', 'from'], from)
  }
  const scope = from ? { ...context.scope, result: 'dyn' } : context.scope
  checkText({ ...context, scope }, [...path, 'http', 'url'], url, 'text')
}

function checkCommand(context: Context, path: Path, args: Argument[]): void {
  context.findings.push(...lintArguments(path, args))
  checkArguments(context, path, args)
}
