import type { Argument } from '../gcloud-grammar/argument.ts'
import type { GcloudRead, StepTemplate } from './types.ts'

/** How one kind of step appears in a runbook's file. */
type TemplateKind<T extends StepTemplate> = {
  /** The key that makes a step one of this kind. */
  key: string
  /** Returns how the step changes something. */
  changes(step: T): 'by-command' | 'by-hand' | 'nothing'
  /** Returns the gcloud commands that the step writes out, each with its path in the step. */
  commands(step: T): CommandAt[]
  /** Returns the key that a check under `verify` can't have; undefined if the step may be a check. */
  notInVerify(step: T): string | undefined
}

/** A gcloud command and where it is. */
type CommandAt = { path: (string | number)[]; args: Argument[] }

/** The members of a kind that only observes, and not with gcloud. */
const onlyObserves = { changes: () => 'nothing' as const, commands: () => [], notInVerify: () => undefined }

/** The kinds of steps. `observe` comes last: manual and wait steps may have it too. */
const KINDS: { [K in StepTemplate['kind']]: TemplateKind<Extract<StepTemplate, { kind: K }>> } = {
  manual: { ...onlyObserves, key: 'manual', changes: () => 'by-hand', notInVerify: () => 'manual' },
  wait: { ...onlyObserves, key: 'wait', notInVerify: () => 'wait' },
  approve: { ...onlyObserves, key: 'approve', notInVerify: () => 'approve' },
  secret: { ...onlyObserves, key: 'secret', changes: () => 'by-command' },
  http: {
    ...onlyObserves,
    key: 'http',
    commands: ({ http }) => (http.from ? [{ path: ['http', 'from'], args: http.from }] : []),
  },
  workflowRun: { ...onlyObserves, key: 'workflowRun' },
  script: { ...onlyObserves, key: 'script' },
  gate: { ...onlyObserves, key: 'gate' },
  gcloud: {
    key: 'observe',
    changes: ({ apply }) => (apply ? 'by-command' : 'nothing'),
    commands: ({ observe, apply, undo }) => [
      ...readsAt(observe.gcloud),
      ...(apply ? [{ path: ['apply', 'gcloud'], args: apply.gcloud }] : []),
      ...(undo && 'gcloud' in undo ? [{ path: ['undo', 'gcloud'], args: undo.gcloud }] : []),
    ],
    notInVerify: ({ apply }) => apply && 'apply',
  },
}

const readsAt = (read: GcloudRead): CommandAt[] =>
  Array.isArray(read)
    ? [{ path: ['observe', 'gcloud'], args: read }]
    : Object.entries(read).map(([name, args]) => ({ path: ['observe', 'gcloud', name], args }))

const kindOf = (step: StepTemplate): TemplateKind<StepTemplate> => KINDS[step.kind]

/** Returns the kind of a step in a file; undefined if it has none of the keys. */
export const kindIn = (step: object): StepTemplate['kind'] | undefined =>
  (Object.keys(KINDS) as StepTemplate['kind'][]).find((kind) => KINDS[kind].key in step)

/** Returns how a step changes something. */
export const changesOf = (step: StepTemplate) => kindOf(step).changes(step)

/** Returns the gcloud commands that a step writes out, each with its path in the step. */
export const commandsOf = (step: StepTemplate): CommandAt[] => kindOf(step).commands(step)

/** Returns the key that keeps a step from being a check under `verify`; undefined if it may be one. */
export const notInVerify = (step: StepTemplate): string | undefined => kindOf(step).notInVerify(step)
