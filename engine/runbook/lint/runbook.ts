import type { Argument } from '../../gcloud-grammar/argument.ts'
import { beforeType, INVENTORY_SCOPE, STEP_SCOPE, scopeTypes } from '../expressions/scope.ts'
import type { BackfillTemplate, GcloudStepTemplate, HttpStepTemplate, Runbook, StepTemplate } from '../types.ts'
import { lintArguments, lintRead } from './arguments.ts'
import { type Context, checkArguments, checkDeep, checkText } from './expressions.ts'
import type { Finding, Path } from './findings.ts'
import { lintInputs, lintSchemas } from './inputs.ts'
import { isNonCommandStep, lintNonCommandStep } from './non-command-steps.ts'
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
  const key =
    step.kind === 'gcloud' ? (step.apply ? 'apply' : undefined) : isNonCommandStep(step) ? step.kind : undefined
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
  switch (step.kind) {
    case 'gcloud':
      lintGcloud(inner, path, step)
      return
    case 'secret':
      checkText(inner, [...path, 'secret', 'name'], step.secret.name, 'text')
      checkText(inner, [...path, 'secret', 'trust'], step.secret.trust, 'text')
      checkText(inner, [...path, 'secret', 'environment'], step.secret.environment, 'text')
      if (typeof step.secret.references === 'string')
        checkText(inner, [...path, 'secret', 'references'], step.secret.references, 'list')
      else checkDeep(inner, [...path, 'secret', 'references'], step.secret.references)
      return
    case 'http':
      lintHttp(inner, path, step)
      return
    case 'workflowRun':
      checkText(inner, [...path, 'workflowRun', 'repository'], step.workflowRun.repository, 'text')
      checkText(inner, [...path, 'workflowRun', 'run'], step.workflowRun.run, 'text')
      return
    case 'script':
      context.findings.push(...lintScript(path, step))
      checkArguments(inner, [...path, 'script', 'run'], step.script.run)
      for (const [name, value] of Object.entries(step.script.environment ?? {}))
        checkText(inner, [...path, 'script', 'environment', name], value, 'text')
      return
    case 'gate':
      checkDeep(inner, [...path, 'gate', 'inputs'], step.gate.inputs ?? {})
      return
    case 'manual':
    case 'wait':
    case 'approve':
      lintNonCommandStep(inner, path, step)
  }
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
