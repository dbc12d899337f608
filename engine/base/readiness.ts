/** What is looked at before a run: the closed list of what a machine must have. */
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

/** One thing that was looked at before a run: how it is, in one sentence, and how to mend it. */
export type Readiness = {
  name: ReadinessName
  status: 'ok' | 'warning' | 'failed' | 'not looked at'
  message: string
  hint?: string
}
