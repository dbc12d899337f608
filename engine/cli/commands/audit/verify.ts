import { resolve } from 'node:path'
import type { Command } from 'commander'
import { parseProof } from '../../../audit/verify-inclusion.ts'
import { UserError } from '../../../base/problem.ts'
import { readNamed } from '../../../disk/regular-file.ts'
import type { Runtime } from '../../../session/host/runtime.ts'
import { verifyProof } from '../../audit/prove.ts'
import { type VerifyOptions, verifyIncident } from '../../audit/verify.ts'
import type { Context } from '../../command.ts'
import { addWorkspaceOptions } from '../../options.ts'

/** `breakglass audit verify INCIDENT`: verifies a log, an archive of one, or a proof that an entry is in one. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<incident>', 'Incident ID, an archive of `audit export` (.tar), or a proof of `audit prove` (.json)')
    .option('--checkpoint <text|file>', 'Checkpoint that you kept elsewhere; reveals a cut or rewritten log')
    .option('--allowed-signers <file>', 'Your own list of who may sign (an OpenSSH allowed_signers file)')
    .option('--strict', 'Fail unless a checkpoint kept elsewhere covers every entry')
    .action(async (incident: string, options: VerifyOptions) => exit(await verifyGiven(incident, options, runtime)))
}

async function verifyGiven(given: string, options: VerifyOptions, runtime: Runtime): Promise<number> {
  if (!given.endsWith('.json')) return verifyIncident(given, options, runtime)
  const proof = parseProof((await readNamed(resolve(runtime.cwd, given)).catch(() => '')).toString('utf8'))
  if (proof) return verifyProof(proof, options, runtime)
  throw new UserError(`${given} is not a proof of \`breakglass audit prove\``, 'check the path')
}
