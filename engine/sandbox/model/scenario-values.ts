import type { JsonObject } from '../../base/json.ts'

/** A whole number with a unit: `500ms`, `8s`, `7m`, `1h`. */
export type Duration = string

/** Who may reach a Cloud Run service; the values of `--ingress`. */
export type Ingress = 'all' | 'internal' | 'internal-and-cloud-load-balancing'

/** One binding of a project's IAM policy. */
export type ScenarioBinding = { role: string; members: string[]; condition?: JsonObject }
