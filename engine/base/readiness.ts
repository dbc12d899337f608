/** The name of a preflight check. */
export type ReadinessName =
  | 'gcloud'
  | 'components'
  | 'warm gcloud'
  | 'environment'
  | 'access'
  | 'configuration'
  | 'account'
  | 'network'
  | 'clock'
  | 'project'
  | 'permissions'
  | 'github'
  | 'logs'

/** The result of a preflight check: its status, one sentence about it, and how to fix it. */
export type Readiness = {
  name: ReadinessName
  status: 'ok' | 'warning' | 'failed' | 'skipped'
  message: string
  hint?: string
}
