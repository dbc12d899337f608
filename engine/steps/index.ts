import { observeGate } from './kinds/gate.ts'
import { observeGcloud, reasonAgainst, undoGcloud } from './kinds/gcloud.ts'
import { observeHttp } from './kinds/http.ts'
import { observeScript } from './kinds/script.ts'
import { applySecret, observeOwnSecret, observeSecret, undoSecret } from './kinds/secret.ts'
import { observeUndo } from './kinds/undo.ts'
import { observeWorkflowRun } from './kinds/workflow-run.ts'
import { masked } from './masked.ts'
import { asReads, readOnly } from './read-only.ts'
import { findDuplicates, readPayload } from './secrets/versions.ts'
import type { Action, BoundStep, Change, Duplicates, Expectation, Observation, Reading, Undo } from './types.ts'
import type { Evidence, World } from './world.ts'

/** Reads what a step is about and says what it must be. Never throws for what the world does. */
export async function observe(step: BoundStep, world: World): Promise<Reading> {
  const reading = await read(step, asReads(world))
  return { ...reading, observation: masked(reading.observation, world) }
}

function read(step: BoundStep, world: World): Promise<Reading> {
  switch (step.kind) {
    case 'gcloud':
      return observeGcloud(step, step.readTimeoutMs ?? step.timeoutMs, world)
    case 'secret':
      return observeSecret(step, world)
    case 'http':
      return observeHttp(step, world)
    case 'workflowRun':
      return observeWorkflowRun(step, world)
    case 'script':
      return observeScript(step, world)
    case 'gate':
      return observeGate(step, (inner) => observe(inner, readOnly(world)))
    case 'manual':
      return step.proof ? observeGcloud(step.proof, step.timeoutMs, world) : unseen()
    case 'wait':
      return step.until ? observeGcloud(step.until, step.timeoutMs, world) : unseen()
    case 'approve':
      return unseen()
    case 'undo':
      return observeUndo(step, world, (expectation) => readAgain(step.of, world, expectation))
  }
}

/** Of some steps there is nothing to read: a person's word, or the time, is all that there is. */
const unseen = async (): Promise<Reading> => ({ observation: { state: 'unseen' }, expectation: {} })

/**
 * Reads a step again where its expectation is settled: only the target, not what the expectation came from. Used
 * before an apply and to read it back.
 */
export const observeAgain = async (step: BoundStep, world: World, expectation: Expectation): Promise<Observation> =>
  (await readAgain(step, world, expectation)).observation

/** Reads a step again in the same way; answers also what the resource says of its last change, where that failed for good. */
export async function readAgain(
  step: BoundStep,
  world: World,
  expectation: Expectation,
): Promise<Pick<Reading, 'observation' | 'final'>> {
  switch (step.kind) {
    case 'gcloud':
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
    case 'manual':
    case 'wait':
    case 'approve':
      return observe(step, world)
    case 'secret': {
      const fingerprint = expectation === 'absent' ? undefined : expectation.fingerprint
      return { observation: masked(await observeOwnSecret(step, asReads(world), fingerprint), world) }
    }
    case 'undo':
      return readAgain(step.of, world, expectation)
  }
}

/** What happens in a step where it is not right, or nobody can tell; nothing where it only observes. */
export function applyFor(step: BoundStep, reading: Reading): Action | undefined {
  switch (step.kind) {
    case 'gcloud':
      return step.apply
    case 'secret':
      return applySecret(step, reading)
    case 'undo':
      return step.action
    case 'manual':
      return { kind: 'by-hand', ...step.manual }
    case 'wait':
      return { kind: 'wait', waiting: step.waiting }
    case 'approve':
      return { kind: 'ask', question: step.question }
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
      return undefined
  }
}

/** Says why a step's change can't set right what was observed; undefined where it may be made. */
export function cannotApply(step: BoundStep, observed: Observation): string | undefined {
  switch (step.kind) {
    case 'gcloud':
      return reasonAgainst(step, observed)
    case 'secret':
    case 'undo':
    case 'manual':
    case 'wait':
    case 'approve':
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
      return undefined
  }
}

/** What would take a step's change back, given what was seen before it. */
export function undoFor(step: BoundStep, before: Observation): Undo | undefined {
  switch (step.kind) {
    case 'gcloud':
      return undoGcloud(step, before)
    case 'secret':
      return undoSecret(step, before)
    case 'undo':
      return { kind: 'none', reason: 'run the runbook again to set it right again' }
    case 'manual':
      return { kind: 'none', reason: 'a person does it, so only a person can take it back' }
    case 'wait':
    case 'approve':
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
      return undefined
  }
}

/** What a change has left behind more than once, as its read-backs show. */
export async function duplicatesOf(
  step: BoundStep,
  before: Observation,
  after: Observation,
  world: World,
): Promise<Duplicates | undefined> {
  switch (step.kind) {
    case 'secret':
      return findDuplicates(step, before, after, asReads(world))
    case 'undo':
      return duplicatesOf(step.of, before, after, world)
    case 'gcloud':
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
    case 'manual':
    case 'wait':
    case 'approve':
      return undefined
  }
}

/** Whether the engine can make it itself; all else is a person's, or a wait. */
export function isChange(action: Action): action is Change {
  switch (action.kind) {
    case 'gcloud':
    case 'copy-secret':
      return true
    case 'by-hand':
    case 'ask':
    case 'wait':
      return false
  }
}

/** Whether anything is changed by it, by the engine or by a person. */
export const changesAnything = (action: Action): boolean => isChange(action) || action.kind === 'by-hand'

/** Carries out a change once. What it answers is evidence; only a read-back says whether the change happened. */
export async function perform(action: Change, world: World, timeoutMs: number): Promise<Evidence> {
  switch (action.kind) {
    case 'gcloud': {
      const { way, exitCode, stderr, durationMs, failure } = await world.gcloud({ ...action.command, timeoutMs })
      return { way, exitCode, stderr, durationMs, ...(failure ? { failure } : {}) }
    }
    case 'copy-secret':
      return copySecret(action, world, timeoutMs)
  }
}

async function copySecret(
  { from, to }: Extract<Change, { kind: 'copy-secret' }>,
  world: World,
  timeoutMs: number,
): Promise<Evidence> {
  const payload = await readPayload(asReads(world), from, timeoutMs)
  if ('state' in payload) {
    const message = `version ${from.version} in ${from.project} could not be read: ${payload.reason}`
    return { exitCode: null, stderr: '', durationMs: 0, failure: { cause: 'other', message } }
  }
  try {
    const argv = ['secrets', 'versions', 'add', to.secret, '--data-file=-']
    const result = await world.gcloud({
      argv,
      project: to.project,
      timeoutMs,
      stdin: payload.secret,
      secretOutput: true,
    })
    const { way, exitCode, durationMs, failure } = result
    return { way, exitCode, stderr: '', durationMs, ...(failure ? { failure } : {}) }
  } finally {
    payload.secret.wipe()
  }
}
