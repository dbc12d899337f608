import { printable } from '../base/printable.ts'
import type { CloudName, PlannedStep } from '../plan/types.ts'
import { painter } from './screen.ts'

/** Where a screen is about: the real cloud or a sandbox, and the project where one is known. */
export type Site = { cloud: CloudName; project?: string }

/** Returns what stands in every heading and question: `LIVE my-project`, or `SANDBOX my-project`; the words say it without colour too. */
export function showSite({ cloud, project }: Site, colour: boolean): string {
  const paint = painter(colour)
  switch (cloud.kind) {
    case 'live':
      return paint('live', printable(project === undefined ? 'LIVE' : `LIVE ${project}`))
    case 'sandbox':
      return paint('sandbox', printable(`SANDBOX ${project ?? cloud.scenario}`))
  }
}

/** Returns where a step is: in the project that it changes, or else in the site's. */
export function siteOf({ apply }: Pick<PlannedStep, 'apply'>, { cloud, project }: Site): Site {
  const own =
    apply?.kind === 'gcloud' ? apply.command.project : apply?.kind === 'copy-secret' ? apply.to.project : project
  return { cloud, ...(own === undefined ? {} : { project: own }) }
}
