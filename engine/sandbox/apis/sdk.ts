import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Installed } from '../../gcloud/find.ts'
import { findProgram } from '../../programs/find-program.ts'
import { type DescribeApi, describerOf } from './load.ts'

/** What is known of the process that asks for descriptions. */
export type SdkHost = { packageFolder: string; environment: Readonly<Record<string, string | undefined>> }

/** Describes APIs from an installed SDK; nothing where there is none, or no Python to read it with. */
export function describeFrom(
  installed: Installed | undefined,
  { packageFolder, environment }: SdkHost,
): { describe?: DescribeApi } {
  if (installed === undefined) return {}
  const bundled = join(installed.root, 'platform', 'bundledpythonunix', 'bin', 'python3')
  const python = existsSync(bundled) ? bundled : findProgram('python3', environment.PATH)
  if (python === undefined) return {}
  const home = environment.XDG_CACHE_HOME ?? (environment.HOME && join(environment.HOME, '.cache'))
  return {
    describe: describerOf({
      ...{ root: installed.root, version: installed.version, python },
      program: join(packageFolder, 'engine', 'sandbox', 'apis', 'describe.py'),
      ...(home ? { cache: join(home, 'breakglass', 'apis') } : {}),
    }),
  }
}
