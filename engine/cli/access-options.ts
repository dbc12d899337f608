import { dirname, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { ACCESS_FLAGS, type Access, accessConflict, accessFlaw, NO_ACCESS, withFlags } from '../runbook/access.ts'
import type { Inventory } from '../runbook/inventory-types.ts'
import { own } from '../runbook/own.ts'
import { Problem } from '../runbook/problem.ts'
import type { Loaded } from './load.ts'
import type { Outside } from './outside.ts'

/** The flags that say how Google Cloud is reached in one run. */
export type AccessOptions = { [name in keyof typeof ACCESS_FLAGS]?: string }

const DESCRIPTIONS: Record<keyof AccessOptions, [string, string]> = {
  proxy: [
    '<url>',
    'reach Google Cloud through this HTTP or SOCKS5 proxy, or through `none`, whatever the inventory says',
  ],
  caFile: ['<file>', 'trust the certificate authorities in this PEM file, and no others'],
  credentialsFile: ['<file>', 'log in with this workload identity configuration'],
  account: ['<email>', "use this one of gcloud's accounts"],
  configuration: ['<name>', 'use this configuration of gcloud'],
  impersonateServiceAccount: ['<email>', 'run commands as this service account'],
}

/** An option whose value is never said before it is checked: it may hold a password. */
export class AccessOption extends Option {}

/** Adds the flags that say how Google Cloud is reached; each goes before what the inventory names. */
export function addAccessOptions(command: Command): Command {
  for (const [name, [value, description]] of Object.entries(DESCRIPTIONS) as [keyof AccessOptions, [string, string]][])
    command.addOption(
      new AccessOption(`${ACCESS_FLAGS[name]} ${value}`, description).argParser((text) => checked(name, text)),
    )
  return command
}

/** Throws Problem, without the value: it may hold a password. */
function checked(name: keyof AccessOptions, text: string): string {
  const flag = ACCESS_FLAGS[name]
  const flaw = text === NO_ACCESS ? undefined : accessFlaw(name, text)
  if (flaw) throw new Problem(`${flag}: ${flaw.message}`, flaw.hint)
  return text
}

/** Returns how an environment of an inventory is reached in this run, files by their absolute paths. Throws Problem. */
export function accessFor(
  environment: string | undefined,
  inventory: Loaded<Inventory> | undefined,
  options: AccessOptions,
  outside: Outside,
): { access?: Access } {
  const named = environment === undefined ? undefined : own(inventory?.value.environments ?? {}, environment)?.access
  const flags = Object.fromEntries(
    (Object.keys(ACCESS_FLAGS) as (keyof AccessOptions)[]).flatMap((name) =>
      options[name] === undefined ? [] : [[name, options[name]]],
    ),
  )
  const access = withFlags(named && inventory && resolved(named, dirname(inventory.file)), resolved(flags, outside.cwd))
  const conflict = accessConflict(access)
  if (conflict) throw new Problem(conflict.message, conflict.hint)
  return Object.keys(access).length === 0 ? {} : { access }
}

function resolved(access: Access, folder: string): Access {
  const { caFile, credentialsFile, ...rest } = access
  const at = (path: string) => (path === NO_ACCESS ? path : resolve(folder, path))
  return {
    ...rest,
    ...(caFile === undefined ? {} : { caFile: at(caFile) }),
    ...(credentialsFile === undefined ? {} : { credentialsFile: at(credentialsFile) }),
  }
}
