import { namesOtherResource } from './resource-names.ts'

/** Flags that name a place: a region, a zone, a location, or several. */
const PLACES = /^--([a-z_-]+[-_])?(regions?|zones?|locations?)$/

const PLACE = /^(-|[a-z0-9][a-z0-9-]*(,[a-z0-9][a-z0-9-]*)*)$/i

/** The place within a full resource name, and within a URL of one. */
const PLACE_WITHIN = /\/(?:regions|zones|locations)\/([^/]*)/gi

/**
 * Returns why a flag's value is not the name of a place, or names a resource in a place that is none. gcloud makes a
 * place part of the host that it asks: with `--region=elsewhere.example?` it would send the request, and the access
 * token, to elsewhere.example. It takes the place from a full name too, in whichever flag that is.
 */
export function faultInPlace(flag: string, value: string): string | undefined {
  if (PLACES.test(flag) && !PLACE.test(value))
    return `the value of \`${flag}\` is not the name of a place, and would become part of the address that is asked`
  const places = value.split(',').filter(namesOtherResource).flatMap(placesWithin)
  return places.every((place) => PLACE.test(place))
    ? undefined
    : `the value of \`${flag}\` names a place that is none, which would become part of the address that is asked`
}

/** gcloud decodes the path of a URL before it takes it apart. */
const placesWithin = (name: string): string[] =>
  [name, name.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))]
    .flatMap((text) => [...text.matchAll(PLACE_WITHIN)])
    .map(([, place = '']) => place)
