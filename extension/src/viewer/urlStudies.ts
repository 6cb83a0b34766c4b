/** The studies that a viewer's URL names (`StudyInstanceUIDs=a,b`, or the parameter several times), in its order. */
export function studiesOfSearch(search: string): readonly string[] {
  const values = [...new URLSearchParams(search)].flatMap(([name, value]) =>
    name.toLowerCase() === 'studyinstanceuids' ? value.split(',') : [],
  );
  return values.map((value) => value.trim()).filter((value) => value !== '');
}

/** The studies of this page's URL; none outside of a browser. */
export function urlStudies(): readonly string[] {
  const { location } = globalThis as { readonly location?: Location };
  return location === undefined ? [] : studiesOfSearch(location.search);
}
