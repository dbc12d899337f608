/** The checks that `doctor` and live runs make. */
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

/** The result of one check: its status, one sentence about it, and how to fix it. */
export type Readiness = {
  name: ReadinessName
  status: 'ok' | 'warning' | 'failed' | 'skipped'
  message: string
  hint?: string
}
