// Sentences about steps, sizes and what waits.
import { M2_PER_HA, M2_PER_MU, number } from "../lib/format.js";
import { t } from "../lib/words.js";

/** An area in all three units people use. */
export const sizes = (m2) => t("%(mu)s mu · %(ha)s ha · %(m2)s m²", { mu: number(m2 / M2_PER_MU), ha: number(m2 / M2_PER_HA, 4), m2: number(m2, 1) });

/** What the status line says about saving. */
export function savedText({ count, sending, trouble }) {
  if (trouble === "line") return count === 1 ? t("No connection: 1 step waits and is sent when the line is back.") : t("No connection: %(count)s steps wait and are sent when the line is back.", { count });
  if (trouble === "fault") return t("The portal has a fault. Your steps are kept and sent again: %(count)s.", { count });
  if (trouble === "busy") return t("Too many steps at once. They are kept and sent again in half a minute: %(count)s.", { count });
  if (trouble === "signed_out") return count ? t("You were signed out. Your steps are kept here: %(count)s.", { count }) : t("You were signed out.");
  if (trouble === "other") return t("Somebody else signed in in this browser. Steps kept here until you sign in again: %(count)s.", { count });
  if (trouble === "denied") return t("You cannot draw here any more. Steps kept in this browser: %(count)s.", { count });
  return count || sending ? t("Saving…") : t("All changes are saved.");
}

/** What others did, in one sentence each; more than three are counted. */
export function othersText(steps) {
  const told = steps.slice(-3).map(({ by, text }) => t("%(by)s: %(text)s.", { by, text }));
  const more = steps.length - told.length;
  return [...(more > 0 ? [t("%(count)s earlier steps of others.", { count: more })] : []), ...told].join(" ");
}

export const undoText = (said) => (said ? (said.mine ? t("Undo: %(text)s", { text: said.text }) : t("Undo what %(by)s did: %(text)s", said)) : t("Nothing to undo"));
export const redoText = (said) => (said ? t("Redo: %(text)s", { text: said.text }) : t("Nothing to redo"));

/** "Zone 12" and what it is. */
export const zoneText = (zone) => (zone.code ? `${zone.code} ${zone.name}` : t("No class yet"));
