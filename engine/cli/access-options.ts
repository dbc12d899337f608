import { type Command, Option } from 'commander'
import { UserError } from '../base/problem.ts'
import { ACCESS_FLAGS, accessFlaw, NO_ACCESS } from '../runbook/access.ts'
import type { AccessOptions } from '../session/host/options.ts'

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

/** Throws UserError, without the value: it may hold a password. */
function checked(name: keyof AccessOptions, text: string): string {
  const flag = ACCESS_FLAGS[name]
  const flaw = text === NO_ACCESS ? undefined : accessFlaw(name, text)
  if (flaw) throw new UserError(`${flag}: ${flaw.message}`, flaw.hint)
  return text
}
