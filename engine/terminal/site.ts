import { printable } from '../base/printable.ts'
import type { CloudName, PlannedStep } from '../plan/types.ts'
import { painter } from './screen.ts'

/** Describes what a screen is about: the real cloud or a sandbox, and the project if it is known. */
export type Site = { cloud: CloudName; project?: string }

/** Returns the prefix of every heading and question, such as `LIVE my-project` or `SANDBOX my-project`. */
export function showSite({ cloud, project }: Site, colour: boolean): string {
  const paint = painter(colour)
  switch (cloud.kind) {
    case 'live':
      return paint('live', printable(project === undefined ? 'LIVE' : `LIVE ${project}`))
    case 'sandbox':
      return paint('sandbox', printable(`SANDBOX ${project ?? cloud.scenario}`))
  }
}

/** Returns the site of a step: the project that it changes, or else the site's own. */
export function siteOf({ apply }: Pick<PlannedStep, 'apply'>, { cloud, project }: Site): Site {
  const own =
    apply?.kind === 'gcloud' ? apply.command.project : apply?.kind === 'copy-secret' ? apply.to.project : project
  return { cloud, ...(own === undefined ? {} : { project: own }) }
}
