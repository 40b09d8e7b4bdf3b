// The place of a comment on its way through the sign-in page and back.

/** The place that form fields hold, or null. */
export function placeOf(lon, lat, zone) {
  const place = { lon: Number.parseFloat(lon), lat: Number.parseFloat(lat), zone: Number.parseInt(zone, 10) || null };
  return Number.isFinite(place.lon) && Number.isFinite(place.lat) ? place : null;
}

/** The sign-in address that leads back to the page with the place in its query. */
export function loginAddress(login, page, { lon, lat, zone }) {
  const query = `?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}${zone ? `&zone=${zone}` : ""}`;
  return `${login.split("?")[0]}?next=${encodeURIComponent(`${page}${query}#comment-form`)}`;
}
