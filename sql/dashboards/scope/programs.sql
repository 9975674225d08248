-- Each programme.
scope = 'program'
