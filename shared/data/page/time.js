// Only where the page names a moment: shows it in the visitor's own time and way.
const t=document.querySelector("time");t.textContent=new Date(t.dateTime).toLocaleString(document.documentElement.lang,{dateStyle:"medium",timeStyle:"short"})
