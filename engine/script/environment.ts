import { childEnvironment } from '../gcloud/environment.ts'

/**
 * Returns a script's whole environment: the caller's PATH and HOME, what the step lists, and what the engine's own gcloud gets,
 * so that gcloud inside the script goes where the engine's goes. In a sandbox HOME is the sandbox's own too.
 */
export function scriptEnvironment(
  { PATH, HOME }: Readonly<Record<string, string | undefined>>,
  listed: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const home = added.CLOUDSDK_CONFIG === undefined ? {} : { HOME: added.CLOUDSDK_CONFIG }
  return { ...listed, ...childEnvironment({ PATH, HOME }, { ...added, ...home }) }
}
