import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Installed } from '../../gcloud/find.ts'
import { findProgram } from '../../programs/find-program.ts'
import { type DescribeApi, describerOf } from './load.ts'

/** The parts of the process that reading the SDK needs. */
export type SdkHost = { packageFolder: string; environment: Readonly<Record<string, string | undefined>> }

/** Returns how to describe APIs from the installed SDK; empty if there is no SDK, or no Python to read it. */
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
