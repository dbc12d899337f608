import { withoutTrack } from './command-tree.ts'

/** A field that a flag changes: its name, the expression that reads it, and the text in an expression that identifies it. */
export type KnownField = {
  name: string
  flag: string
  kind: 'switch' | 'text' | 'number'
  mark: string
  select: string
}

const annotation = (key: string, fallback: string, where = 'result.metadata') =>
  `${where}.?annotations[?'${key}'].orValue('${fallback}')`
const revision = 'result.spec.template.metadata'

/** The fields that `gcloud run services update` changes, as `gcloud run services describe` prints them. */
const RUN_SERVICE: KnownField[] = [
  field('ingress', '--ingress', 'text', 'run.googleapis.com/ingress', (key) => annotation(key, 'all')),
  field('invokerCheck', '--invoker-iam-check', 'switch', 'run.googleapis.com/invoker-iam-disabled', (key) => {
    return `${annotation(key, 'false')}.lowerAscii() != 'true'`
  }),
  field('iap', '--iap', 'switch', 'run.googleapis.com/iap-enabled', (key) => {
    return `${annotation(key, 'false')}.lowerAscii() == 'true'`
  }),
  field('serviceAccount', '--service-account', 'text', 'serviceAccountName', (key) => {
    return `result.spec.template.spec.?${key}.orValue('')`
  }),
  field('minInstances', '--min-instances', 'text', 'autoscaling.knative.dev/minScale', (key) => {
    return annotation(key, 'default', revision)
  }),
  field('maxInstances', '--max-instances', 'text', 'autoscaling.knative.dev/maxScale', (key) => {
    return annotation(key, 'default', revision)
  }),
  field('cpuThrottling', '--cpu-throttling', 'switch', 'run.googleapis.com/cpu-throttling', (key) => {
    return `${annotation(key, 'true', revision)}.lowerAscii() == 'true'`
  }),
  field('cpuBoost', '--cpu-boost', 'switch', 'run.googleapis.com/startup-cpu-boost', (key) => {
    return `${annotation(key, 'false', revision)}.lowerAscii() == 'true'`
  }),
  field('sessionAffinity', '--session-affinity', 'switch', 'run.googleapis.com/sessionAffinity', (key) => {
    return `${annotation(key, 'false', revision)}.lowerAscii() == 'true'`
  }),
  field('concurrency', '--concurrency', 'number', 'containerConcurrency', (key) => {
    return `result.spec.template.spec.?${key}.orValue(80)`
  }),
  field('requestTimeout', '--timeout', 'number', 'timeoutSeconds', (key) => {
    return `result.spec.template.spec.?${key}.orValue(300)`
  }),
  field('memory', '--memory', 'text', 'memory', (key) => {
    return `result.spec.template.spec.containers[0].?resources.?limits.?${key}.orValue('512Mi')`
  }),
  field('image', '--image', 'text', 'image', (key) => `result.spec.template.spec.containers[0].${key}`),
]

function field(
  name: string,
  flag: string,
  kind: KnownField['kind'],
  mark: string,
  select: (mark: string) => string,
): KnownField {
  return { name, flag, kind, mark, select: select(mark) }
}

/** Returns the known fields that a command changes. */
export const fieldsOf = (command: readonly string[]): KnownField[] =>
  withoutTrack(command).join(' ') === 'run services update' ? RUN_SERVICE : []

/** Pairs of verbs that undo each other. */
const OPPOSITES: [string, string][] = [
  ['add-iam-policy-binding', 'remove-iam-policy-binding'],
  ['create', 'delete'],
  ['enable', 'disable'],
  ['add', 'remove'],
  ['start', 'stop'],
  ['suspend', 'resume'],
  ['pause', 'resume'],
  ['undelete', 'delete'],
]

/** Returns the verbs that undo a verb. */
export const oppositesOf = (verb: string): string[] =>
  OPPOSITES.flatMap(([one, other]) => (verb === one ? [other] : verb === other ? [one] : []))
