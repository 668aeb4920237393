"""Every route of the pages.

Pages are for people in browsers, and are not part of the API's description.
"""

from api.pages import sign_in
from api.pages.audit.comparison import COMPARE_PAGES
from api.pages.audit.history import HISTORY_PAGES
from api.pages.inspections.drafting.handlers import DRAFTING_PAGES
from api.pages.inspections.listing import LISTING_PAGES
from api.pages.inspections.overview import OVERVIEW_PAGES
from api.pages.inspections.plan_form import PLANNING_PAGES
from api.pages.inspections.steps.handlers import STEP_PAGES
from api.pages.inspections.text_pages import INSPECTION_TEXT_PAGES
from api.pages.messages.alerts import ALERT_PAGES
from api.pages.messages.links import LINK_PAGES
from api.pages.messages.preferences import PREFERENCE_PAGES
from api.pages.packs.handlers import PACK_PAGES
from api.pages.public.about.contact import CONTACT_PAGES
from api.pages.public.about.data import DATA_PAGES
from api.pages.public.about.pages import ABOUT_PAGES
from api.pages.public.about.sql import SQL_PAGES
from api.pages.public.areas import THEME_PAGES
from api.pages.public.charts import CHARTS
from api.pages.public.feeds.changes import CHANGES_FEEDS
from api.pages.public.feeds.deadlines import CALENDARS
from api.pages.public.feeds.feed import FEEDS
from api.pages.public.figures.boards import BOARD_PAGES
from api.pages.public.figures.claims import CLAIM_PAGES
from api.pages.public.figures.late import LATE_PAGES
from api.pages.public.recommendation.page import show_recommendation
from api.pages.public.recommendations import (
    home,
    list_recommendations,
    list_reports,
    show_report,
)
from api.pages.public.search import SEARCH_PAGES
from api.pages.public.statements import STATEMENT_PAGES
from api.pages.public.training import TRAINING_PAGES
from api.pages.record.amendments.correction_form import CORRECTING_PAGES
from api.pages.record.amendments.redaction_form import REDACTING_PAGES
from api.pages.record.amendments.reply_form import REPLY_PAGES
from api.pages.record.amendments.suppression_form import SUPPRESSING_PAGES
from api.pages.record.amendments.threads_page import THREAD_PAGES
from api.pages.record.amendments.withdrawal_form import WITHDRAWING_PAGES
from api.pages.record.command_form import DECIDING_PAGES
from api.pages.record.confirmation import CONFIRMING_PAGES
from api.pages.record.publishing.from_text import TEXT_PAGES
from api.pages.record.publishing.publish_form import PUBLISHING_PAGES
from api.pages.record.several.plans.plan_form import PLAN_PAGES
from api.pages.record.several.report_work import REPORT_WORK_PAGES
from api.pages.record.several.review_form import REVIEW_PAGES
from api.pages.record.several.undo import UNDO_PAGES
from api.pages.record.unsent import UNSENT_PAGES
from api.pages.record.workbook.download import DOWNLOADING_PAGES
from api.pages.record.workbook.send import WORKBOOK_PAGES
from api.pages.rendering import assets
from api.pages.work.contacts import CONTACTS_PAGES
from api.pages.work.disputes import WAITING_THREAD_PAGES
from api.pages.work.filters import FILTER_PAGES
from api.pages.work.portfolios import PORTFOLIO_PAGES
from api.pages.work.private_addresses import ADDRESS_PAGES
from api.pages.work.start import START_PAGES

PAGES = (
    home,
    list_recommendations,
    show_recommendation,
    list_reports,
    show_report,
    *BOARD_PAGES,
    *CLAIM_PAGES,
    *LATE_PAGES,
    *PACK_PAGES,
    *DATA_PAGES,
    *THEME_PAGES,
    *COMPARE_PAGES,
    *ABOUT_PAGES,
    *CONTACT_PAGES,
    *SQL_PAGES,
    *FEEDS,
    *CHANGES_FEEDS,
    *CALENDARS,
    *SEARCH_PAGES,
    *STATEMENT_PAGES,
    *TRAINING_PAGES,
    *CHARTS,
    *START_PAGES,
    *PORTFOLIO_PAGES,
    *FILTER_PAGES,
    *ADDRESS_PAGES,
    *CONTACTS_PAGES,
    *WAITING_THREAD_PAGES,
    *PREFERENCE_PAGES,
    *LINK_PAGES,
    *ALERT_PAGES,
    *DECIDING_PAGES,
    *CONFIRMING_PAGES,
    *UNSENT_PAGES,
    *CORRECTING_PAGES,
    *HISTORY_PAGES,
    *PUBLISHING_PAGES,
    *TEXT_PAGES,
    *PLAN_PAGES,
    *REPORT_WORK_PAGES,
    *DOWNLOADING_PAGES,
    *WORKBOOK_PAGES,
    *UNDO_PAGES,
    *REDACTING_PAGES,
    *SUPPRESSING_PAGES,
    *REPLY_PAGES,
    *THREAD_PAGES,
    *WITHDRAWING_PAGES,
    *REVIEW_PAGES,
    *LISTING_PAGES,
    *PLANNING_PAGES,
    *OVERVIEW_PAGES,
    *DRAFTING_PAGES,
    *STEP_PAGES,
    *INSPECTION_TEXT_PAGES,
    sign_in.start,
    sign_in.callback,
    sign_in.ask_code,
    sign_in.use_code,
    sign_in.sign_out,
    assets.serve,
)
