// Figures as people read them; the same rules as portal/templatetags/portal.py.
import { t } from "./words.js";

export const M2_PER_HA = 10000;
export const M2_PER_MU = 2000 / 3; // 1 亩

export function number(value, places = 2) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const [whole, rest] = Math.abs(value).toFixed(places).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = value < 0 && Number(value.toFixed(places)) !== 0 ? "-" : "";
  return sign + grouped + (rest ? `.${rest}` : "");
}

/** An area in m² as hectares with 亩; small pieces in m² with 亩. */
export function area(m2) {
  if (m2 === null || m2 === undefined) return "–";
  if (Math.abs(m2) < M2_PER_HA / 10) return t("%(m2)s m² (%(mu)s mu)", { m2: number(m2, 0), mu: number(m2 / M2_PER_MU, 2) });
  return t("%(ha)s ha (%(mu)s mu)", { ha: number(m2 / M2_PER_HA), mu: number(m2 / M2_PER_MU, 1) });
}
