import { dirname, resolve } from 'node:path'
import { own } from '../../base/own.ts'
import { UserError } from '../../base/problem.ts'
import { ACCESS_FLAGS, type Access, accessConflict, NO_ACCESS, withFlags } from '../../runbook/access.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import type { Loaded } from '../host/load.ts'
import type { AccessOptions } from '../host/options.ts'
import type { Runtime } from '../host/runtime.ts'

/** Returns how this run reaches an environment of an inventory, with absolute paths to files. Throws UserError. */
export function accessFor(
  environment: string | undefined,
  inventory: Loaded<Inventory> | undefined,
  options: AccessOptions,
  runtime: Runtime,
): { access?: Access } {
  const named = environment === undefined ? undefined : own(inventory?.value.environments ?? {}, environment)?.access
  const flags = Object.fromEntries(
    (Object.keys(ACCESS_FLAGS) as (keyof AccessOptions)[]).flatMap((name) =>
      options[name] === undefined ? [] : [[name, options[name]]],
    ),
  )
  const access = withFlags(named && inventory && resolved(named, dirname(inventory.file)), resolved(flags, runtime.cwd))
  const conflict = accessConflict(access)
  if (conflict) throw new UserError(conflict.message, conflict.hint)
  return Object.keys(access).length === 0 ? {} : { access }
}

export function resolved(access: Access, folder: string): Access {
  const { caFile, credentialsFile, ...rest } = access
  const at = (path: string) => (path === NO_ACCESS ? path : resolve(folder, path))
  return {
    ...rest,
    ...(caFile === undefined ? {} : { caFile: at(caFile) }),
    ...(credentialsFile === undefined ? {} : { credentialsFile: at(credentialsFile) }),
  }
}
