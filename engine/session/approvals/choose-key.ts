import { resolve } from 'node:path'
import { readAllowedSigners } from '../../approval/allowed-signers.ts'
import { fingerprintOf } from '../../approval/key-identity.ts'
import { UserError } from '../../base/problem.ts'
import type { SshHost } from '../../ssh/keygen.ts'
import { defaultKeys, keyOfFile, keyOfGit, type OwnKey } from '../../ssh/keys.ts'
import { answerTo, questionsAt } from '../../terminal/questions.ts'
import type { Site } from '../../terminal/site.ts'
import type { Runtime } from '../host/runtime.ts'

/** Returns what ssh-keygen uses of this process: its folder, its environment, and the screen for its notices. */
export const sshHost = ({ cwd, environment, err, keyboard }: Runtime): SshHost => ({
  cwd,
  environment,
  tell: err,
  lend: keyboard.lend,
})

/**
 * Chooses the key that the person signs with: the given one, or else git's, or else one of the agent's or of ~/.ssh. If there
 * are several, those among the allowed signers are preferred; if several are left, the person chooses. Throws UserError.
 */
export async function chooseKey(
  given: string | undefined,
  allowedSigners: string,
  site: Site,
  runtime: Runtime,
): Promise<OwnKey> {
  if (given !== undefined) return keyOfFile(resolve(runtime.cwd, given), given)
  const host = sshHost(runtime)
  const fromGit = await keyOfGit(host)
  if (fromGit) return fromGit
  const keys = await defaultKeys(host)
  const listed = new Set(readAllowedSigners(allowedSigners).map(({ key }) => key))
  const allowed = keys.filter(({ blob }) => listed.has((blob && fingerprintOf(Buffer.from(blob, 'base64'))) ?? ''))
  const choice = allowed.length > 0 ? allowed : keys
  const [first] = choice
  if (first === undefined)
    throw new UserError(
      'no SSH key to sign with: none in the git configuration, the SSH agent or ~/.ssh',
      'name one with --key FILE',
      4,
    )
  if (choice.length === 1) return first
  if (runtime.terminal.interactive)
    return answerTo(
      questionsAt(runtime, site).choose<OwnKey | undefined>(
        'Which key signs?',
        [{ name: 'none: sign nothing', value: undefined }, ...choice.map((key) => ({ name: key.name, value: key }))],
        { start: undefined },
      ),
    )
  throw new UserError(
    `several SSH keys to sign with: ${choice.map(({ name }) => name).join('; ')}`,
    'choose one with --key FILE',
    2,
  )
}
