// Everything works without this: it lets the design system's own enhancements begin, and fills in
// the code of a one-time link, which only a script can read from the address.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

const code = document.querySelector('form[action="/sign-in/link"] #code')
if (code && location.hash.length > 1) {
  code.value = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  document.querySelector('.tracker-filled').hidden = false
  code.form.querySelector('button').focus()
}

// Two minutes before the session ends, the form says so; without this, it says when from the start.
const ends = document.getElementById('session-ends')
if (ends) {
  setTimeout(() => {
    ends.setAttribute('role', 'alert')
    ends.classList.add('tracker-session--ending')
    ends.textContent = ends.dataset.warning
  }, Math.max(0, Number(ends.dataset.seconds) - 120) * 1000)
}
