/** Returns the API and version of a request: `us-central1-aiplatform.googleapis.com/v1/…` or `compute.sandbox/compute/v1/…`. */
export function apiAt({ hostname, pathname }: URL): { api: string; version: string } | undefined {
  const label = /^(.+)\.(?:sandbox|googleapis\.com)$/.exec(hostname)?.[1]
  if (label === undefined) return undefined
  const [, api = label] =
    /^([a-z0-9]+)\.[a-z]+-[a-z]+\d+\.rep$/.exec(label) ?? /^[a-z]+-[a-z]+\d+-([a-z0-9]+)$/.exec(label) ?? []
  const version = pathname
    .split('/')
    .slice(1, 4)
    .find((part) => /^(v\d+\w*|alpha|beta)$/.test(part))
  return version === undefined || !/^[a-z0-9]+$/.test(api) ? undefined : { api, version }
}
