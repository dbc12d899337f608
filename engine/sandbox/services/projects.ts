import type { Project } from '../model/world.ts'
import { unsetPolicy } from './policy.ts'

/** Returns an active project with nothing in it; `created` is in ms since 1970. */
export const newProject = (id: string, number: string, created: number): Project => ({
  ...{ id, number, created },
  name: id,
  state: 'ACTIVE',
  labels: {},
  apis: new Set(),
  policy: unsetPolicy(),
  services: new Map(),
  secrets: new Map(),
  accounts: new Map(),
  newAccounts: {},
  auditLog: [],
})
