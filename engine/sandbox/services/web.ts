import { own } from '../../base/own.ts'
import { type Answer, htmlAnswer } from '../model/answer.ts'
import type { Project, RunService, World } from '../model/world.ts'
import { servingPosture } from './posture.ts'
import { serviceHosts } from './run-service.ts'
import { sharesOf } from './run-traffic.ts'

/** Returns the service at a host name, if any. */
export function serviceAtHost(
  { projects, clock }: World,
  host: string,
): { project: Project; service: RunService } | undefined {
  for (const project of projects)
    for (const service of project.services.values()) {
      const own = serviceHosts(project, service)
      const tags = sharesOf(service, clock.now()).flatMap(({ tag }) => (tag === undefined ? [] : [`${tag}---`]))
      if (['', ...tags].some((tag) => own.some((each) => `${tag}${each}` === host))) return { project, service }
    }
  return undefined
}

/** Returns a service URL's answer to an anonymous internet client: ingress is checked first, then IAP, then the invoker check. */
export function webAnswer({ clock }: World, service: RunService, host: string, path: string): Answer {
  const now = clock.now()
  const { ingress, iap, invokerCheck, allUsersInvoke } = servingPosture(service, now)
  if (ingress !== 'all') return htmlAnswer(404, 'Page not found', 'The requested URL was not found on this server.')
  if (iap) return signIn(host, path)
  if (invokerCheck && !allUsersInvoke)
    return htmlAnswer(
      403,
      'Forbidden',
      `Your client does not have permission to get URL <code>${escaped(path)}</code> from this server.`,
    )
  const takes = sharesOf(service, now)
  if (!takes.some(({ percent, tag }) => percent > 0 || (tag !== undefined && host.startsWith(`${tag}---`))))
    return htmlAnswer(503, 'Service Unavailable', 'The service you requested is not available yet.')
  return {
    status: own(service.responds, path) ?? 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${service.name}\n`,
  }
}

/** Redirects to Google's sign-in page, as Identity-Aware Proxy does for a caller without credentials (cloud.google.com/iap/docs/faq). */
const signIn = (host: string, path: string): Answer => ({
  status: 302,
  headers: {
    'x-goog-iap-generated-response': 'true',
    location: `https://accounts.google.com/o/oauth2/v2/auth?client_id=sandbox.apps.googleusercontent.com&response_type=code&scope=openid+email&state=${encodeURIComponent(host + path)}`,
  },
  body: '',
})

const escaped = (path: string): string => path.replace(/&/g, '&amp;').replace(/</g, '&lt;')
