import { resolve } from 'node:path'
import { readAllowedSigners } from '../../approval/allowed-signers.ts'
import { fingerprintOf } from '../../approval/key-identity.ts'
import { UserError } from '../../base/problem.ts'
import type { SshHost } from '../../ssh/keygen.ts'
import { defaultKeys, keyOfFile, keyOfGit, type OwnKey } from '../../ssh/keys.ts'
import { answerTo, questionsAt } from '../../terminal/questions.ts'
import type { Site } from '../../terminal/site.ts'
import type { Runtime } from '../host/runtime.ts'

/** What ssh-keygen has of this process: its folder, the person's own variables, and their screen for its notices. */
export const sshHost = ({ cwd, environment, err, keyboard }: Runtime): SshHost => ({
  cwd,
  environment,
  tell: err,
  lend: keyboard.lend,
})

/**
 * The key that the person signs with: the one that is named, else git's, else one of the agent's or of ~/.ssh. Of several
 * those count that are among the allowed signers; if there is still a choice, the person makes it. Throws UserError.
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
      'there is no SSH key to sign with: git names none, the agent offers none, and ~/.ssh has none',
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
    `there are several SSH keys to sign with: ${choice.map(({ name }) => name).join('; ')}`,
    'name one with --key FILE',
    2,
  )
}
