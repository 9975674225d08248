-- The portfolio.
scope = 'portfolio'
