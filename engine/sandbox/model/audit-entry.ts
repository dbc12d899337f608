import type { JsonObject } from '../../base/json.ts'

/** One entry of a project's Admin Activity log. */
export type AuditEntry = JsonObject & { timestamp: string }
