import { type Command, Option } from 'commander'
import { UserError } from '../base/problem.ts'
import { ACCESS_FLAGS, accessFlaw, NO_ACCESS } from '../runbook/access.ts'
import type { AccessOptions } from '../session/host/options.ts'
import { CLOUD } from './option-groups.ts'

const DESCRIPTIONS: Record<keyof AccessOptions, [string, string]> = {
  proxy: ['<url>', 'Use this HTTP or SOCKS5 proxy, or `none`, whatever the inventory says'],
  caFile: ['<file>', 'Trust only the certificate authorities in this PEM file'],
  credentialsFile: ['<file>', 'Authenticate with this workload identity federation configuration'],
  account: ['<email>', 'Use this gcloud account'],
  configuration: ['<name>', 'Use this gcloud configuration'],
  impersonateServiceAccount: ['<email>', 'Run commands as this service account'],
}

/** An option whose value may hold a password: no message names it before it is checked. */
export class AccessOption extends Option {}

/** Adds the options that choose how to reach Google Cloud; each overrides the inventory. */
export function addAccessOptions(command: Command): Command {
  for (const [name, [value, description]] of Object.entries(DESCRIPTIONS) as [keyof AccessOptions, [string, string]][])
    command.addOption(
      new AccessOption(`${ACCESS_FLAGS[name]} ${value}`, description)
        .argParser((text) => checked(name, text))
        .helpGroup(CLOUD),
    )
  return command
}

/** Throws UserError without the value, which may hold a password. */
function checked(name: keyof AccessOptions, text: string): string {
  const flag = ACCESS_FLAGS[name]
  const flaw = text === NO_ACCESS ? undefined : accessFlaw(name, text)
  if (flaw) throw new UserError(`${flag}: ${flaw.message}`, flaw.hint)
  return text
}
